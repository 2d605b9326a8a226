/** Every example runs as it stands, shows what it promises, and is in the list. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadNetwork, parseChainSpec } from '@chain/core/consensus'
import { expect, it } from 'vitest'
import { runExample } from './run-example.ts'

const folder = resolve(import.meta.dirname, '..')
const vectors = process.env.CHAIN_VECTORS ?? resolve(folder, '../../shared/vectors')
const block = resolve(vectors, 'block300025.raw')
const note = existsSync(block) ? '' : ` (needs ${block}, or CHAIN_VECTORS to name its folder)`

it.skipIf(note !== '')(`decode-bitcoin-block reads a real block${note}`, async () => {
  const { stdout } = await runExample('decode-bitcoin-block.ts', block)
  expect(stdout).toContain('block        0000000000000000821c4e0acc40f88bedbce3b73ba2358b5ade58a9022cc78c\n')
  expect(stdout).toContain('work         done\nMerkle root  fits\n')
  expect(stdout).toContain('bytes        the same again when it is encoded\n')
  expect(stdout).toContain('transactions 461, 0 with a witness\n')
})

it('make-your-own-network prints a chain spec of another network', async () => {
  const { stdout, stderr } = await runExample('make-your-own-network.ts')
  const spec = parseChainSpec(stdout)
  expect(stderr).toContain(`network village has the id ${spec.id} and begins with 000`)
  expect(stderr).toContain('block 1 pays vil1q')
  expect(spec.id).not.toBe(loadNetwork('main').id)
})

it('build-and-sign-a-payment makes a payment whose size was foreseen', async () => {
  const { stdout } = await runExample('build-and-sign-a-payment.ts')
  expect(stdout).toContain('fee         0.00000282 for 141 virtual bytes, as foreseen: 141\n')
  expect(stdout).toMatch(/^to send {5}02000000000101[0-9a-f]+$/m)
})

it('reorganise-in-memory undoes a payment', async () => {
  const { stdout } = await runExample('reorganise-in-memory.ts')
  const happened = stdout
    .replaceAll(/ [0-9a-f]{16}$/gm, '')
    .trimEnd()
    .split('\n')
  expect(happened).toEqual([
    'tip 102, the shop has its coin: true',
    'their block is accepted: side-chain',
    'their block is accepted: side-chain',
    'block-disconnected 102',
    'block-disconnected 101',
    'block-connected 101',
    'block-connected 102',
    'block-connected 103',
    'tip-changed 103',
    'their block is accepted: connected',
    'tip 103, the shop has its coin: false',
  ])
})

it('verify-payment-proof-offline believes the proof, and no forgery of it', async () => {
  const { stdout } = await runExample('verify-payment-proof-offline.ts')
  expect(stdout).toMatch(/^2\.50000000 to bcrt1q\w+\na proof of \d+ characters: 6 confirmations\n/)
  expect(stdout).toContain('with another amount: the transaction is not in the block\n')
})

it('every example is in the README, and opens with how to run it', () => {
  const readme = readFileSync(resolve(folder, 'README.md'), 'utf8')
  for (const name of globSync('*.ts', { cwd: folder })) {
    expect(readme).toContain(`[${name}](${name})`)
    expect(readFileSync(resolve(folder, name), 'utf8')).toContain(` *     node ${name}`)
  }
})
