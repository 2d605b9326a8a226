/** `getblockchaininfo`: where the chain stands. */
import { medianTimePast } from '@chain/core/consensus'
import { formatHash } from '@chain/core/primitives'
import { formatWork } from '../block-json.ts'
import { difficultyOf, formatBits, formatTarget } from '../difficulty.ts'
import { defineMethod, type RpcMethod } from '../method.ts'

export const getBlockchainInfo: RpcMethod = defineMethod({
  name: 'getblockchaininfo',
  summary: 'Where the active chain stands: height, best block, difficulty, work.',
  parameters: {},
  run: (_values, { chain, diskUsage, status }) => {
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
      size_on_disk: diskUsage(),
      pruned: false,
      warnings: [],
      specid: spec.id,
    }
  },
})
