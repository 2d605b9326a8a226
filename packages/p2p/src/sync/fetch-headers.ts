/**
 * Asks one peer for headers once and hands them to the chain.
 */
import type { BlockNode } from '@chain/core/chain'
import { type BlockHash, decodeHeader } from '@chain/core/primitives'
import type { Height } from '@chain/core/units'
import { fieldLimits } from '@chain/wire'
import type { Clock } from '../clock.ts'
import type { ChainPort } from '../ports.ts'
import type { RequestOptions } from '../streams/exchange.ts'
import { presyncHeaders } from './presync-headers.ts'
import type { PeerTip } from './sync-events.ts'
import { headersFault, SyncFault } from './sync-fault.ts'
import type { SyncPeer } from './sync-peer.ts'

/** What headers are fetched with. */
export interface FetchModules {
  readonly chain: ChainPort
  readonly clock: Clock
  /** Told of each batch that came while there is more to be asked for. */
  readonly onBatch: () => void
}

/** What an answer with headers told. */
export interface FetchedHeaders {
  /** The end of the peer's chain as far as it has shown it. */
  readonly tip: PeerTip
  /** Whether there may be more after `last`. */
  readonly more: boolean
  readonly last: BlockHash
}

/**
 * Fetches the headers after `after`, or after what the chain has, and adds them to the chain.
 *
 * @throws {SyncFault} `sync-headers-*`
 * @throws {PeerError} and `WireError`, when the exchange fails
 */
export async function fetchHeaders(
  peer: SyncPeer,
  modules: FetchModules,
  after: BlockHash | undefined,
  options: RequestOptions,
): Promise<FetchedHeaders> {
  const { chain } = modules
  const best = chain.bestHeader
  const locator = after === undefined ? chain.locator() : [after, ...chain.locator()]
  const { headers } = await peer.requestHeaders(
    { locator: locator.slice(0, fieldLimits.locatorHashes) },
    options,
  )
  if (headers.length === 0) {
    const last = (after === undefined ? undefined : chain.find(after)) ?? best
    return { tip: tipOf(last), more: false, last: last.hash }
  }
  const decoded = headers.map(decodeHeader)
  const outcome = await chain.acceptHeaders(decoded)
  if (outcome.status === 'low-work') {
    const kept = await presyncHeaders(peer, modules, { headers: decoded, ...outcome }, options)
    if (kept === undefined) return { tip: { work: 0n, height: 0 }, more: false, last: outcome.start.hash }
    return { tip: tipOf(kept), more: true, last: kept.hash }
  }
  if (outcome.status !== 'accepted') throw headersFault(outcome)
  const { hash, height } = outcome.last
  const more = headers.length === fieldLimits.headers
  if (more && after !== undefined && height <= (chain.find(after)?.height ?? 0)) throw stuck(height)
  return { tip: tipOf(outcome.last), more, last: hash }
}

/** A block as the end of a peer's chain. */
export function tipOf({ chainWork, height }: BlockNode): PeerTip {
  return { work: chainWork, height }
}

/** Such answers would be asked for again and again. */
function stuck(height: Height): SyncFault {
  const sentence = `The headers end at height ${height}, which those before had reached already.`
  return new SyncFault('sync-headers-stuck', sentence, 'broken-promise')
}
