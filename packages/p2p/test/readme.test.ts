import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('the example of the README runs as it stands, and ends by itself', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const run = spawnSync(
    process.execPath,
    ['--conditions=@chain/source', '--input-type=module-typescript', '-'],
    { input: example, encoding: 'utf8', cwd: import.meta.dirname },
  )
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe('height 3, 1 peer\n')
})
