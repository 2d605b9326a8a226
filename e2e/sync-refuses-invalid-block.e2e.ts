/** T3: an invalid block is refused, whoever sends it pays for it, and the good chain is followed all the same. */

import { toHex } from '@chain/core/bytes'
import { encodeBlock } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { expect } from 'vitest'
import { startHostilePeer } from './hostile-peer.ts'
import { test } from './scene.ts'

test('a branch with an invalid block is refused and its sender is banned', async ({ scene }) => {
  const honest = ChainBuilder.create()
  honest.mineEmpty(4)
  //  genesis - 1 - 2 - 3 - 4           honest
  //                     \
  //                      4'(creates coins) - 5' - 6'
  const liar = ChainBuilder.create()
  liar.mineEmpty(3)
  const greedy = liar.mine({
    spoil: (block) => {
      const [coinbase, ...rest] = block.transactions
      if (coinbase === undefined) throw new Error('A template has a coinbase.')
      const outputs = coinbase.outputs.map((output) => ({ ...output, value: output.value * 2n }))
      return { ...block, transactions: [{ ...coinbase, outputs }, ...rest] }
    },
  })
  const blocks = [...liar.blocks, greedy]
  const hostile = await startHostilePeer(liar, blocks, honest.tip.chainWork * 2n)

  const node = await scene.node('node', '--connect', hostile.address)
  await node.waitFor('the blocks before the invalid one', ({ height }) => height === 3)
  await node.waitForPeers('the liar to be sent away', (peers) => peers.length === 0)
  const banned = await node.rpc<{ address: string }[]>('listbanned')
  expect(JSON.stringify(banned)).toContain(hostile.peerId)
  expect(hostile.served()).toBeGreaterThanOrEqual(4)
  expect((await node.status()).height).toBe(3)

  const [last] = honest.blocks.slice(-1)
  if (last === undefined) throw new Error('The honest chain has blocks.')
  const good = await scene.node('good')
  for (const block of honest.blocks) await good.rpc('submitblock', toHex(encodeBlock(block)))
  await node.rpc('addnode', await good.address(), 'add')
  const { bestHash } = await good.status()
  await node.waitFor('the honest chain', (status) => status.bestHash === bestHash && status.height === 4)
  await hostile.stop()
})
