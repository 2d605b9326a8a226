/** Payments that no peer has yet outlive their node's end, whatever it was, and reach the first peer that comes. */
import { existsSync } from 'node:fs'
import { toHex } from '@chain/core/bytes'
import { encodeBlock, encodeTransaction } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { expect } from 'vitest'
import type { NodeProcess } from '../tools/processes/node-process.ts'
import { test } from './scene.ts'

const patience = { timeout: 60_000 }

const builder = ChainBuilder.create()
builder.mineEmpty(102)
const [first, second] = builder.spendable().map((coin) => {
  const payment = builder.spend([coin], [{ value: 4_999_990_000n, scriptPubKey: testKey('payee').script }])
  return toHex(encodeTransaction(payment))
})

async function handOverBlocks(node: NodeProcess): Promise<void> {
  for (const block of builder.blocks) await node.rpc('submitblock', toHex(encodeBlock(block)))
}

async function countUnbroadcast(node: NodeProcess): Promise<number> {
  const { unbroadcastcount } = await node.rpc<{ unbroadcastcount: number }>('getmempoolinfo')
  return unbroadcastcount
}

test('payments handed to a node without peers outlive kill -9 and a stop, and reach the next peer', async ({
  scene,
}) => {
  const killed = await scene.node('node')
  await handOverBlocks(killed)
  await killed.rpc('sendrawtransaction', first)
  await expect.poll(() => existsSync(scene.path('node/mempool.dat')), patience).toBe(true)
  await killed.stop('SIGKILL')

  const stopped = await scene.node('node')
  await stopped.waitFor('the first payment', ({ mempool }) => mempool.transactions === 1)
  await stopped.rpc('sendrawtransaction', second)
  expect(await stopped.stop()).toBe(0)

  const peer = await scene.node('peer')
  await handOverBlocks(peer)
  const node = await scene.node('node', '--connect', await peer.address())
  await peer.waitFor('both payments', ({ mempool }) => mempool.transactions === 2)
  await expect.poll(() => countUnbroadcast(node), patience).toBe(0)
})
