/** `getmininginfo`: what mining is up against. */
import type { ChainManager } from '@chain/core/chain'
import { nextTarget } from '@chain/core/consensus'
import { difficultyOf, formatBits, formatTarget } from '../difficulty.ts'
import { defineMethod, type RpcMethod } from '../method.ts'

/** Blocks over which the network's hash rate is estimated. */
const RATE_SPAN = 120

export const getMiningInfo: RpcMethod = defineMethod({
  name: 'getmininginfo',
  summary: 'Difficulty of the next block, the estimated hash rate of the network, and what this node mines.',
  parameters: {},
  run: (_values, { chain, mempool, miner }) => {
    const { tip, spec } = chain
    const { bits } = tip.header
    const next = nextTarget(spec.consensus, tip)
    return {
      blocks: tip.height,
      bits: formatBits(bits),
      difficulty: difficultyOf(bits),
      target: formatTarget(bits),
      networkhashps: estimateHashRate(chain),
      pooledtx: mempool.count,
      chain: spec.name,
      next: {
        height: tip.height + 1,
        bits: formatBits(next),
        difficulty: difficultyOf(next),
        target: formatTarget(next),
      },
      warnings: [],
      mining: miner.status,
    }
  },
})

/** Hashes per second behind the last blocks. Source: Bitcoin Core, `GetNetworkHashPS` */
function estimateHashRate({ tip }: ChainManager): number {
  const first = tip.ancestor(Math.max(0, tip.height - RATE_SPAN))
  let earliest = tip.header.time
  let latest = earliest
  for (let height = first.height; height < tip.height; height++) {
    const { time } = tip.ancestor(height).header
    earliest = Math.min(earliest, time)
    latest = Math.max(latest, time)
  }
  return latest === earliest ? 0 : Number(tip.chainWork - first.chainWork) / (latest - earliest)
}
