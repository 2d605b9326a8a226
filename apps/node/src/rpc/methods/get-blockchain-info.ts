/** `getblockchaininfo`: where the chain stands. */
import { medianTimePast } from '@chain/core/consensus'
import { formatHash } from '@chain/core/primitives'
import { lowestKept } from '../../pruned-blocks.ts'
import { formatWork } from '../block-json.ts'
import type { RpcContext } from '../context.ts'
import { difficultyOf, formatBits, formatTarget } from '../difficulty.ts'
import { defineMethod, type RpcMethod } from '../method.ts'

export const getBlockchainInfo: RpcMethod = defineMethod({
  name: 'getblockchaininfo',
  summary: 'Where the active chain stands: height, best block, difficulty, work.',
  parameters: {},
  run: (_values, context) => {
    const { chain, store, status } = context
    const { tip, bestHeader, spec } = chain
    const { state } = status()
    return {
      chain: spec.name,
      blocks: tip.height,
      headers: bestHeader.height,
      bestblockhash: formatHash(tip.hash),
      bits: formatBits(tip.header.bits),
      target: formatTarget(tip.header.bits),
      difficulty: difficultyOf(tip.header.bits),
      time: tip.header.time,
      mediantime: medianTimePast(tip),
      verificationprogress: bestHeader.height === 0 ? 1 : tip.height / bestHeader.height,
      initialblockdownload: state === 'starting' || state === 'syncing' || state === 'stalled',
      chainwork: formatWork(tip.chainWork),
      size_on_disk: store.blockBytes,
      ...pruning(context),
      warnings: [],
      specid: spec.id,
    }
  },
})

/** Blocks may be missing although nothing is pruned any more: that is what who asks has to know. */
function pruning({ chain, pruner }: RpcContext): Record<string, unknown> {
  const lowest = lowestKept(chain)
  if (pruner === undefined && lowest === 1) return { pruned: false }
  const target = pruner?.mode.target
  return {
    pruned: true,
    pruneheight: lowest === 1 ? 0 : lowest,
    automatic_pruning: target !== undefined,
    ...(target === undefined ? {} : { prune_target_size: target }),
  }
}
