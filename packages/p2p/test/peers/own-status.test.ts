import { MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { ChainBuilder } from '@chain/core/testing'
import { serviceFlags } from '@chain/wire'
import { expect, it } from 'vitest'
import { createOwnStatus } from '../../src/peers/own-status.ts'
import { openChain } from '../nodes.ts'

const options = {
  agent: 'test/1',
  services: serviceFlags.fullBlocks | serviceFlags.lightClients,
  nonce: new Uint8Array(8),
  now: () => 1_700_000_000_500,
}

it('a status tells the tip of the moment', async () => {
  const chain = await openChain()
  const status = createOwnStatus(chain, options)
  expect(status()).toMatchObject({ height: 0, time: 1_700_000_000, services: options.services })
  const builder = ChainBuilder.create()
  await chain.acceptBlock(builder.mine())
  expect(status()).toMatchObject({ height: 1, tip: builder.tip.hash, work: builder.tip.chainWork })
})

it('a status says that the node does not serve all blocks as soon as it has pruned some', async () => {
  const builder = ChainBuilder.create()
  builder.mineEmpty(MIN_KEPT_BLOCKS + 1)
  const chain = await openChain(builder.blocks)
  const status = createOwnStatus(chain, options)
  expect(status().services).toBe(options.services)
  expect(await chain.prune(1)).toBe(1)
  expect(status().services).toBe(serviceFlags.pruned | serviceFlags.lightClients)
})
