import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { rpcMethods } from '../src/rpc/registry.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const main = new URL('../src/main.ts', import.meta.url).pathname

it('the example of the README works when it is pasted', async () => {
  const [, example] = /<!-- example: .*? -->\n```sh\n(.*?)```/s.exec(readme) ?? []
  const program = `chain-node() { "${process.execPath}" --conditions=@chain/source "${main}" "$@"; }`
  const { stdout } = await promisify(execFile)('bash', ['-euc', `${program}\n${example}\nwait`], {
    env: { ...process.env, DIRECTORY: temporaryDirectory() },
  })
  expect(stdout).toContain('Start a next node with')
  expect(stdout).toMatch(/height +3 of 3 headers/)
  expect(stdout).toContain('block 5 ')
  expect(stdout).toContain('The node has stopped.')
})

it('the README lists the RPC methods that the node answers', () => {
  const [, section = ''] = /\n## RPC\n(.*?)\n## /s.exec(readme) ?? []
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  const listed = rows.flatMap((row) => Array.from(row.matchAll(/`(\w+)`/g), ([, name]) => name))
  expect(listed).toHaveLength(rpcMethods.size)
  expect(new Set(listed)).toEqual(new Set(rpcMethods.keys()))
})
