/** `generatetoaddress`: mines blocks now. */
import { formatHash } from '@chain/core/primitives'
import { parseAddress } from '@chain/core/script'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'

/** Most blocks of one call. */
const MAX_BLOCKS = 100_000

export const generateToAddress: RpcMethod = defineMethod({
  name: 'generatetoaddress',
  summary: 'Mines blocks now that pay an address, and gives their hashes; takes as long as it takes.',
  parameters: { nblocks: z.int().min(0).max(MAX_BLOCKS), address: z.string().max(200) },
  run: async ({ nblocks, address }, { chain, miner }, signal) => {
    const script = parseAddress(address, chain.spec.addressPrefix)
    const hashes = await miner.generate(nblocks, script, signal)
    return hashes.map(formatHash)
  },
})
