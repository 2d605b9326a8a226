/** `pruneblockchain`: takes old blocks away now. */
import { rpcCodes } from '@chain/cli'
import { type BlockNode, type ChainManager, MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

/** What is above is a time. Source: Bitcoin Core */
const MAX_HEIGHT = 1_000_000_000

/** Seconds by which the times of blocks may be out of order. Source: Bitcoin Core, `TIMESTAMP_WINDOW` */
const TIME_WINDOW = 7_200

export const pruneBlockchain: RpcMethod = defineMethod({
  name: 'pruneblockchain',
  summary:
    'Takes away blocks up to a height, or from before a Unix time, as far as they are not needed; gives the height of the last one that is gone. Needs --prune.',
  parameters: { height: z.int() },
  run: async ({ height }, { chain, pruner }) => {
    if (pruner === undefined) {
      const message = 'Cannot prune blocks because node is not in prune mode: start it with --prune.'
      throw new RpcError(rpcCodes.miscellaneous, 'node-not-pruning', message)
    }
    if (height < 0) throw outOfRange('Negative block height.')
    const end = height > MAX_HEIGHT ? heightAt(chain, height) : height
    if (chain.tip.height <= MIN_KEPT_BLOCKS) {
      throw new RpcError(rpcCodes.miscellaneous, 'chain-too-short', 'Blockchain is too short for pruning.')
    }
    if (end > chain.tip.height) throw outOfRange('Blockchain is shorter than the attempted prune height.')
    return await pruner.pruneUpTo(end)
  },
})

/** Height of the first block that, or one before it, has at least this time. */
function heightAt(chain: ChainManager, time: number): number {
  let first: BlockNode | undefined
  for (let node: BlockNode | undefined = chain.tip; node !== undefined; node = node.parent) {
    if (node.header.time >= time - TIME_WINDOW) first = node
  }
  if (first !== undefined) return first.height
  throw outOfRange('Could not find block with at least the specified timestamp.')
}

function outOfRange(message: string): RpcError {
  return new RpcError(rpcCodes.invalidParameter, 'height-out-of-range', message)
}
