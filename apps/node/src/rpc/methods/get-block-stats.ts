/** `getblockstats`: statistics of one block. */
import { rpcCodes } from '@chain/cli'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { computeSubsidy, medianTimePast } from '@chain/core/consensus'
import { decodeBlock, formatHash } from '@chain/core/primitives'
import { z } from 'zod'
import { blockStats } from '../block-stats.ts'
import { findBlock, readBody, readSpent } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter, heightParameter } from '../parameters.ts'
import { RpcError } from '../rpc-error.ts'

/** Most statistics that a call may choose. */
const MAX_NAMES = 100

export const getBlockStats: RpcMethod = defineMethod({
  name: 'getblockstats',
  summary: 'Sizes, fees and numbers of one block, all or those that are named; amounts in base units.',
  parameters: {
    hash_or_height: z.union([heightParameter, blockHashParameter]),
    stats: z.array(z.string().max(100)).max(MAX_NAMES).default([]),
  },
  run: ({ hash_or_height, stats: names }, { chain }) => {
    const node =
      typeof hash_or_height === 'number' ? blockAt(chain, hash_or_height) : findBlock(chain, hash_or_height)
    const stats = statsOf(chain, node)
    if (names.length === 0) return stats
    return Object.fromEntries(names.map((name) => [name, select(stats, name)]))
  },
})

/** @throws {RpcError} `height-out-of-range` */
function blockAt(chain: ChainManager, height: number): BlockNode {
  const node = chain.at(height)
  if (node !== undefined) return node
  const message =
    height < 0
      ? `Target block height ${height} is negative.`
      : `Target block height ${height} after current tip ${chain.tip.height}.`
  throw new RpcError(rpcCodes.invalidParameter, 'height-out-of-range', message)
}

/** @throws {RpcError} `block-not-available` */
function statsOf(chain: ChainManager, node: BlockNode): Record<string, unknown> {
  const block = decodeBlock(readBody(chain, node))
  const { height, hash, header } = node
  return {
    blockhash: formatHash(hash),
    height,
    time: header.time,
    mediantime: medianTimePast(node),
    subsidy: Number(computeSubsidy(chain.spec.consensus, height)),
    ...blockStats(block, readSpent(chain, node), height === 0),
  }
}

/** @throws {RpcError} `statistic-unknown` */
function select(stats: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(stats, name)) return stats[name]
  throw new RpcError(rpcCodes.invalidParameter, 'statistic-unknown', `Invalid selected statistic '${name}'.`)
}
