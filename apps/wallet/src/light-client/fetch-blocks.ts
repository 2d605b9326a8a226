/**
 * Fetches blocks of the header chain, in order, from whichever peer has them, and checks each against its header: what
 * comes out is what the header's proof of work stands for.
 *
 * Coins of others are not known to a wallet, so the rules that need them are left to full nodes.
 */

import { equalBytes } from '@chain/core/bytes'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { checkBlock, checkBlockContext, RuleError } from '@chain/core/consensus'
import { ChainError } from '@chain/core/errors'
import { type Block, blockHash, decodeBlock, formatHash } from '@chain/core/primitives'
import { PeerError, requestBlocks } from '@chain/p2p'
import { fieldLimits } from '@chain/wire'
import { chainUnusable, peersFailed } from '../errors.ts'
import type { LightPeer, LightPeers } from './light-peers.ts'

/** A block and its place. */
export interface FetchedBlock {
  readonly node: BlockNode
  readonly block: Block
}

/** Blocks of one request. */
export const BLOCKS_PER_REQUEST: number = fieldLimits.blockHashes

/**
 * Yields the blocks of `nodes`, at most {@link BLOCKS_PER_REQUEST}, in their order. A peer that fails is given up, and
 * the next one is asked for the rest.
 *
 * @throws {OperationalError} `peers-failed` when no peer is left, `chain-unusable`
 */
export async function* fetchBlocks(
  chain: ChainManager,
  peers: LightPeers,
  nodes: readonly BlockNode[],
): AsyncGenerator<FetchedBlock, void, void> {
  let rest = nodes
  while (rest.length > 0) {
    const [peer] = peers.list()
    if (peer === undefined) throw peersFailed('gave the blocks that are needed', peers.failures())
    try {
      for await (const fetched of fetchFrom(chain, peer, rest)) {
        rest = rest.slice(1)
        yield fetched
      }
    } catch (error) {
      if (!(error instanceof ChainError) || error.code === 'chain-unusable') throw error
      peers.drop(peer, error)
    }
  }
}

async function* fetchFrom(
  chain: ChainManager,
  peer: LightPeer,
  nodes: readonly BlockNode[],
): AsyncGenerator<FetchedBlock, void, void> {
  const hashes = nodes.map(({ hash }) => hash)
  let index = 0
  for await (const reply of requestBlocks(peer.connection, chain.spec.id, hashes)) {
    const node = nodes[index] as BlockNode
    index += 1
    if (reply.kind === 'not-found') {
      throw new PeerError('answer-unexpected', `It does not have block ${formatHash(node.hash)}.`)
    }
    yield { node, block: readBlock(chain, node, reply.block) }
  }
}

/**
 * @throws {PeerError} when these are not the bytes of the block
 * @throws {OperationalError} `chain-unusable` when they are, and the block breaks a rule
 */
function readBlock(chain: ChainManager, node: BlockNode, bytes: Uint8Array): Block {
  const block = decodeBlock(bytes)
  if (!equalBytes(blockHash(block.header), node.hash)) {
    throw new PeerError('answer-unexpected', `It sent another block than ${formatHash(node.hash)}.`)
  }
  try {
    checkBlock(block)
    if (node.parent !== undefined) checkBlockContext(chain.spec.consensus, block, node.parent)
    return block
  } catch (error) {
    if (!(error instanceof RuleError) || error.rule.blame === 'mutated') throw error
    throw chainUnusable(formatHash(node.hash), error.message)
  }
}
