/** T4: three terminals in a line, each knowing only the one before; what is typed into one reaches all, and stays. */
import { toHex } from '@chain/core/bytes'
import { encodeBlock, encodeTransaction } from '@chain/core/primitives'
import { nullDataScript } from '@chain/core/script'
import { ChainBuilder, type PlacedCoin } from '@chain/core/testing'
import { expect } from 'vitest'
import type { NodeProcess } from '../tools/processes/node-process.ts'
import { minerAddress } from './network.ts'
import { test } from './scene.ts'

/** What one terminal records. */
const record = 'heart rate 72'

interface BlockJson {
  readonly tx: readonly { readonly vout: readonly { readonly scriptPubKey: { readonly hex: string } }[] }[]
}

/** A transaction that carries text behind `OP_RETURN`. */
function carry(builder: ChainBuilder, text: string): string {
  const data = nullDataScript(new TextEncoder().encode(text))
  const coin = builder.spendable()[0] as PlacedCoin
  const change = { value: coin[1].output.value - 10_000n, scriptPubKey: builder.key.script }
  const output = { value: 0n, scriptPubKey: data }
  return toHex(encodeTransaction(builder.spend([coin], [output, change])))
}

/** Whether the tip of a node holds the text. */
async function holds(node: NodeProcess, text: string): Promise<boolean> {
  const { bestHash } = await node.status()
  const { tx } = await node.rpc<BlockJson>('getblock', bestHash, 2)
  const hex = toHex(new TextEncoder().encode(text))
  return tx.some(({ vout }) => vout.some(({ scriptPubKey }) => scriptPubKey.hex.endsWith(hex)))
}

test('a record typed into the end of a line reaches its beginning, and is there after a restart', async ({
  scene,
}) => {
  const builder = ChainBuilder.create()
  const first = await scene.node('first', '--identity-seed', '1')
  for (const block of builder.mineEmpty(101)) await first.rpc('submitblock', toHex(encodeBlock(block)))
  const second = await scene.node('second', '--identity-seed', '2', '--connect', await first.address())
  const third = await scene.node('third', '--identity-seed', '3', '--connect', await second.address())
  const ids = await Promise.all([first, second, third].map(async (node) => (await node.status()).peerId))
  await third.waitFor('the chain', ({ height }) => height === 101)
  expect((await third.peers()).map(({ peerId }) => peerId)).toEqual([ids[1]])
  expect((await first.peers()).map(({ peerId }) => peerId)).toEqual([ids[1]])

  const txid = await third.rpc<string>('sendrawtransaction', carry(builder, record))
  await first.waitFor('the record', ({ mempool }) => mempool.transactions === 1)
  expect(await first.rpc('getrawmempool')).toEqual([txid])
  const [hash] = await first.rpc<string[]>('generatetoaddress', 1, minerAddress)
  await third.waitFor('the block with the record', ({ bestHash }) => bestHash === hash)
  expect(await holds(third, record)).toBe(true)

  await third.stop()
  await second.stop('SIGKILL')
  const again = await scene.node('third', '--identity-seed', '3', '--connect', '/ip4/127.0.0.1/tcp/9')
  expect((await again.status()).peerId).toBe(ids[2])
  expect(await holds(again, record)).toBe(true)
})

test('the line that a node prints starts the next one', async ({ scene }) => {
  const first = await scene.node('first')
  await expect.poll(() => first.stdout).toContain('Start a next node with')
  const [, line = ''] = /Start a next node with\n {2}(.*)\n/.exec(first.stdout) ?? []
  const [, directory = '', bootnode = ''] = /--datadir (\S+) .*--bootnode (\S+)$/.exec(line) ?? []
  expect(directory).toBe(`${scene.path('first')}-next`)
  expect(line).toContain(' start --network regtest ')
  const next = await scene.node('first-next', '--bootnode', bootnode)
  await next.waitForPeers('the first node', (peers) => peers.length === 1)
})
