/**
 * Follows the headers of peers: each is checked for its work, its difficulty and its times before it is believed, and
 * the chain with the most work is taken, whoever told of it.
 */
import type { ChainManager } from '@chain/core/chain'
import { createLocator } from '@chain/core/chain'
import { ChainError, OperationalError } from '@chain/core/errors'
import { decodeHeader, formatHash } from '@chain/core/primitives'
import { requestHeaders } from '@chain/p2p'
import { peersFailed } from '../errors.ts'
import type { LightPeer, LightPeers } from './light-peers.ts'

/** Told after each batch how high the best header chain is. */
export type HeaderProgress = (height: number) => void

/**
 * Asks every peer for the headers that the chain lacks. Peers that fail or send bad headers are given up.
 *
 * @throws {OperationalError} `peers-failed` when no peer is left
 */
export async function followHeaders(
  chain: ChainManager,
  peers: LightPeers,
  onProgress: HeaderProgress,
): Promise<void> {
  for (const peer of [...peers.list()]) {
    try {
      await followPeer(chain, peer, onProgress)
    } catch (error) {
      if (!(error instanceof ChainError)) throw error
      peers.drop(peer, error)
    }
  }
  if (peers.list().length === 0) throw peersFailed('gave its headers', peers.failures())
}

async function followPeer(chain: ChainManager, peer: LightPeer, onProgress: HeaderProgress): Promise<void> {
  let from = chain.bestHeader
  for (;;) {
    const request = { locator: createLocator(from) }
    const { headers } = await requestHeaders(peer.connection, chain.spec.id, request)
    if (headers.length === 0) return
    const outcome = await chain.acceptHeaders(headers.map((bytes) => decodeHeader(bytes)))
    if (outcome.status === 'invalid') throw outcome.error
    if (outcome.status === 'missing-parent') throw unconnected(outcome.parent)
    if (outcome.status === 'low-work') return
    onProgress(chain.bestHeader.height)
    // An answer that leads no further than the one before would otherwise be asked for again and again.
    if (outcome.last.height <= from.height && outcome.added === 0) return
    from = outcome.last
  }
}

function unconnected(parent: Uint8Array): OperationalError {
  const text = formatHash(parent)
  return new OperationalError(
    'headers-unconnected',
    `The peer's headers build on ${text}, which was not asked about.`,
    { parent: text },
  )
}
