import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const examples = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, example]) => example ?? '')

test.each([
  ['a network', 0, 'height 3, 1 peer\n'],
  ['a simulation', 1, '1 1 2 2\n2 2 2 2\n'],
])('the example of %s in the README runs as it stands, and ends by itself', (_, index, output) => {
  const run = spawnSync(
    process.execPath,
    ['--conditions=@chain/source', '--input-type=module-typescript', '-'],
    { input: examples[index] ?? '', encoding: 'utf8', cwd: import.meta.dirname },
  )
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe(output)
})
