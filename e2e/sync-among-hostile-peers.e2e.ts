/** Half of the peers stall or lie about blocks whose headers are good: sync goes on with the other half. */
import { toHex } from '@chain/core/bytes'
import { encodeBlock } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { expect } from 'vitest'
import { hostileServing, startHostilePeer } from './hostile-peer.ts'
import { test } from './scene.ts'

test('three honest peers among six are enough', async ({ scene }) => {
  const builder = ChainBuilder.create()
  builder.mineEmpty(400)
  const source = await scene.node('source')
  for (const block of builder.blocks) await source.rpc('submitblock', toHex(encodeBlock(block)))
  const { bestHash } = await source.status()
  const sourceAddress = await source.address()
  const others = await Promise.all(
    ['second', 'third'].map((name) => scene.node(name, '--connect', sourceAddress)),
  )
  for (const node of others) await node.waitFor('the chain', (status) => status.bestHash === bestHash)
  const hostile = await Promise.all(
    Object.values(hostileServing).map((serve) =>
      startHostilePeer(builder, builder.blocks, builder.tip.chainWork, serve),
    ),
  )

  const honest = [sourceAddress, ...(await Promise.all(others.map((node) => node.address())))]
  const addresses = [...hostile.map(({ address }) => address), ...honest]
  const node = await scene.node('node', ...addresses.flatMap((address) => ['--connect', address]))
  await node.waitFor('the chain', (status) => status.bestHash === bestHash && status.state === 'synced')

  const banned = JSON.stringify(await node.rpc('listbanned'))
  const [stalling, denying, damaging] = hostile.map(({ peerId }) => banned.includes(peerId))
  expect({ stalling, denying, damaging }).toEqual({ stalling: false, denying: false, damaging: true })
  for (const peer of hostile) await peer.stop()
})
