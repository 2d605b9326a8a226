import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''

interface Ending {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(...words: readonly string[]): Ending {
  const node = ['--conditions=@chain/source', '--input-type=module-typescript', '-']
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...words], {
    input: example,
    encoding: 'utf8',
    cwd: import.meta.dirname,
  })
  return { status, stdout, stderr }
}

test('the example of the README does what it says', () => {
  expect(run('fill', 'dev')).toEqual({ status: 0, stdout: 'The cup stands in /tmp/cup.\n', stderr: '' })
  expect(run('fill', 'main', '--json')).toEqual({
    status: 8,
    stdout: '{"error":{"code":-1,"name":"cup-broken","message":"The cup is broken: take another one."}}\n',
    stderr: 'chain-cup: The cup is broken: take another one.\n',
  })
  expect(run('fill')).toMatchObject({ status: 2, stdout: '' })
  expect(run('fill', 'nowhere')).toMatchObject({ status: 2, stdout: '' })
})
