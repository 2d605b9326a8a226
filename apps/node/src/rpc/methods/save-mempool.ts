/** `savemempool`: saves what waits for a block. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const saveMempool: RpcMethod = defineMethod({
  name: 'savemempool',
  summary: 'Saves the mempool now, to be loaded at the next start; gives the path of the file.',
  parameters: {},
  run: async (_values, { mempoolKeeper }) => {
    await mempoolKeeper.save()
    return { filename: mempoolKeeper.file }
  },
})
