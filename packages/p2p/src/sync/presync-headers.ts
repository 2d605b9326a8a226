/**
 * Follows a header chain of a peer that has little work so far, without keeping it; when it turns out to have enough, the
 * headers are fetched again and kept.
 *
 * Source: docs/protocol/sync.md#low-work
 */
import { equalBytes } from '@chain/core/bytes'
import { type BlockNode, HeaderPresync } from '@chain/core/chain'
import { RuleError } from '@chain/core/consensus'
import { type BlockHash, type BlockHeader, blockHash, decodeHeader } from '@chain/core/primitives'
import type { Work } from '@chain/core/units'
import { fieldLimits } from '@chain/wire'
import type { RequestOptions } from '../streams/exchange.ts'
import type { FetchModules } from './fetch-headers.ts'
import { headersFault, SyncFault } from './sync-fault.ts'
import type { SyncPeer } from './sync-peer.ts'

/** The first batch of a chain that has too little work. */
export interface LowWorkChain {
  readonly headers: readonly BlockHeader[]
  /** The known block that it builds on. */
  readonly start: BlockNode
  /** Work that the whole chain must have. */
  readonly required: Work
}

/**
 * Follows the chain to its end or until it has enough work. Resolves to the last header that was kept, or to `undefined`
 * when the chain has too little work.
 *
 * @throws {SyncFault} `sync-headers-*`
 * @throws {PeerError} and `WireError`, when the exchange fails
 */
export async function presyncHeaders(
  peer: SyncPeer,
  modules: FetchModules,
  { headers, start, required }: LowWorkChain,
  options: RequestOptions,
): Promise<BlockNode | undefined> {
  const { chain, clock, onBatch } = modules
  const presync = new HeaderPresync({
    params: chain.spec.consensus,
    start,
    requiredWork: required,
    clock: () => Math.floor(clock.unixTime() / 1_000),
  })
  let batch = headers
  for (;;) {
    pass(presync, batch)
    if (presync.hasRequiredWork)
      return await fetchAgain(peer, modules, { start, checkpoints: presync.checkpoints }, options)
    if (batch.length < fieldLimits.headers) return undefined
    onBatch()
    const answer = await peer.requestHeaders({ locator: [presync.last] }, options)
    if (answer.headers.length === 0) return undefined
    batch = answer.headers.map(decodeHeader)
    // The peer may have moved to another branch meanwhile: it will be asked anew when it says so.
    if (!equalBytes((batch[0] as BlockHeader).parent, presync.last)) return undefined
  }
}

function pass(presync: HeaderPresync, batch: readonly BlockHeader[]): void {
  try {
    presync.accept(batch)
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    throw headersFault({ status: 'invalid', error, hash: presync.last })
  }
}

/** The same headers once more, each batch held to the hash that it ended with. */
async function fetchAgain(
  peer: SyncPeer,
  { chain, onBatch }: FetchModules,
  { start, checkpoints }: { readonly start: BlockNode; readonly checkpoints: readonly BlockHash[] },
  options: RequestOptions,
): Promise<BlockNode> {
  let last = start
  for (const stop of checkpoints) {
    onBatch()
    const { headers } = await peer.requestHeaders({ locator: [last.hash], stop }, options)
    const batch = headers.map(decodeHeader)
    const end = batch.at(-1)
    if (end === undefined || !equalBytes(blockHash(end), stop)) {
      const sentence = 'The peer showed other headers when it was asked for them again.'
      throw new SyncFault('sync-headers-changed', sentence, 'protocol-violation')
    }
    const outcome = await chain.acceptHeaders(batch, { hasRequiredWork: true })
    if (outcome.status === 'low-work')
      throw new Error('Headers of a chain with enough work are not judged by it again.')
    if (outcome.status !== 'accepted') throw headersFault(outcome)
    last = outcome.last
  }
  return last
}
