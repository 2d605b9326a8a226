import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('the example of the README runs as it stands', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const options = ['--conditions=@chain/source', '--input-type=module-typescript', '-']
  const run = spawnSync(process.execPath, options, {
    input: example,
    encoding: 'utf8',
    cwd: import.meta.dirname,
  })
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe('secp256k1 (native), 2 threads: the first wrong signature is number 61\n')
})
