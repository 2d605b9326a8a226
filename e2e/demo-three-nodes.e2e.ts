/** `npm start`: what a newcomer sees first. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '../tools/processes/program.ts'

const root = join(import.meta.dirname, '..')
const start = ['--conditions=@chain/source', 'tools/start.ts']

test('three nodes meet, mine, move coins and agree', async () => {
  const args = [...start, '--once', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  const summary = JSON.parse(stdout)
  expect(summary).toMatchObject({
    network: 'dev',
    balances: { bob: '12.50000000' },
    payment: { amount: '12.50000000' },
  })
  expect(summary.nodes).toHaveLength(3)
  expect(new Set(summary.nodes.map(({ height }: { height: number }) => height)).size).toBe(1)
})

test('the network stays up, mines what a person sends, and is gone after one Ctrl-C', async () => {
  const demo = spawn(process.execPath, start, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  onTestFinished(() => void demo.kill('SIGKILL'))
  let told = ''
  demo.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text
  })
  const patience = { timeout: 60_000 }
  await expect.poll(() => told, patience).toContain('Press Ctrl-C')
  const [, passphrase = '', words = ''] = /CHAIN_PASSPHRASE=(\S+) npx chain-wallet (.*)/.exec(told) ?? []
  const height = Number(/agree on height (\d+)/.exec(told)?.[1])
  const args = [...words.split(' '), '--yes']
  expect(await run('chain-wallet', args, { CHAIN_PASSPHRASE: passphrase })).toMatchObject({ code: 0 })
  await expect
    .poll(() => told, patience)
    .toMatch(new RegExp(`height ${height + 1} .* 0 waiting transactions`))
  demo.kill('SIGINT')
  const [code] = await once(demo, 'close')
  expect(code).toBe(0)
  expect(told).toContain('all nodes have stopped')
  expect(existsSync(args[args.indexOf('--datadir') + 1] as string)).toBe(false)
})
