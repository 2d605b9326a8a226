/**
 * Fetches block filters and checks them against what the chain commits to, so that no peer can hide a block: the coinbase of
 * each block holds the filter header of its parent, and a filter header stands for all filters before it.
 *
 * Only for networks with `filterCommitment`. Not for what the filters are looked at for (`scan.ts`).
 *
 * Source: docs/protocol/light-clients.md#commitment
 */
import { equalBytes } from '@chain/core/bytes'
import type { BlockNode } from '@chain/core/chain'
import { findProvenFilterCommitment } from '@chain/core/consensus'
import { chainFilterHeaders } from '@chain/core/filters'
import { formatHash } from '@chain/core/primitives'
import {
  type FiltersMissing,
  PeerError,
  requestFilterHeaders,
  requestFilters,
  requestProof,
  type WantedFilter,
} from '@chain/p2p'
import { fieldLimits } from '@chain/wire'
import type { LightPeer } from './light-peers.ts'

/** The filter of a block that the chain vouches for. */
export interface CheckedFilter {
  readonly node: BlockNode
  /** As `matchFilter` reads it. */
  readonly filter: Uint8Array
}

/** Most filters that are fetched at once. */
export const FILTERS_PER_REQUEST: number = fieldLimits.filters

/** Bytes of filters after which no more are fetched at once. */
const MAX_BYTES = 4 << 20

/**
 * The filters of the blocks after `from`, lowest first: at least one, at most {@link FILTERS_PER_REQUEST}, and not that of `tip`
 * itself, which no block vouches for yet. `undefined` when the peer cannot tell them, which is no fault of it.
 *
 * @param from - an ancestor of `tip`, two blocks or more below it
 * @throws {PeerError} when the exchange fails; `answer-false` when the peer lies
 * @throws {WireError} when an answer is malformed
 */
export async function fetchFilters(
  peer: LightPeer,
  specId: string,
  from: BlockNode,
  tip: BlockNode,
): Promise<CheckedFilter[] | undefined> {
  const stopHeight = Math.min(from.height + FILTERS_PER_REQUEST, tip.height - 1)
  const wanted = await fetchFilterHashes(peer, specId, from.height + 1, tip.ancestor(stopHeight + 1))
  if (wanted === undefined) return undefined
  const found: CheckedFilter[] = []
  let bytes = 0
  for await (const reply of requestFilters(peer.connection, specId, from.height + 1, wanted)) {
    if (reply.kind !== 'filter') return found.length === 0 ? undefined : found
    found.push({ node: tip.ancestor(from.height + 1 + found.length), filter: reply.filter })
    bytes += reply.filter.length
    if (bytes >= MAX_BYTES) break
  }
  return found
}

/** The blocks from a height up to and without `after`, with the hashes of their filters, which `after` commits to. */
async function fetchFilterHashes(
  { connection }: LightPeer,
  specId: string,
  startHeight: number,
  after: BlockNode,
): Promise<WantedFilter[] | undefined> {
  const stop = after.parent as BlockNode
  const committed = await fetchCommitment(connection, specId, after)
  if (committed === undefined) return undefined
  const range = { startHeight, stopHeight: stop.height, stop: stop.hash }
  const told = await requestFilterHeaders(connection, specId, range)
  if (isMissing(told)) return undefined
  const last = chainFilterHeaders(told.previous, told.hashes).at(-1)
  if (last === undefined || !equalBytes(last, committed)) {
    const message = `Its filter header of block ${formatHash(stop.hash)} is not the one that the chain commits to.`
    throw new PeerError('answer-false', message)
  }
  return told.hashes.map((filterHash, index) => {
    return { block: stop.ancestor(startHeight + index).hash, filterHash }
  })
}

/** The filter header of the parent, as the coinbase of a block has it. */
async function fetchCommitment(
  connection: LightPeer['connection'],
  specId: string,
  node: BlockNode,
): Promise<Uint8Array | undefined> {
  const request = { block: node.hash, txids: [], coinbase: true, transactions: true }
  const proof = await requestProof(connection, specId, request)
  const coinbase = proof?.transactions[0]
  return coinbase === undefined || proof === undefined
    ? undefined
    : findProvenFilterCommitment(proof.merkleBlock, coinbase)
}

function isMissing(told: { readonly kind: string }): told is FiltersMissing {
  return told.kind !== 'headers'
}
