/** `setmining`: begins or ends mining on and on. */
import { parseAddress } from '@chain/core/script'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'

export const setMining: RpcMethod = defineMethod({
  name: 'setmining',
  summary: 'Mines on and on to an address from now on, or with false no more; gives what the miner does.',
  parameters: { address: z.union([z.string().max(200), z.literal(false)]) },
  run: async ({ address }, { chain, miner }) => {
    if (address === false) await miner.halt()
    else miner.start(parseAddress(address, chain.spec.addressPrefix))
    return miner.status
  },
})
