/**
 * Hands a transaction to peers and collects what each says.
 */
import { ChainError, reasonOf } from '@chain/core/errors'
import { encodeTransaction, type Transaction } from '@chain/core/primitives'
import { requestSubmit } from '@chain/p2p'
import type { SubmitReply } from '@chain/wire'
import type { Connection } from '@libp2p/interface'
import type { LightPeer, LightPeers } from './light-peers.ts'

/** What one peer said about a transaction. */
export type Verdict =
  | { readonly peer: LightPeer; readonly status: 'accepted' }
  /** It breaks this rule; the sentence says how. */
  | { readonly peer: LightPeer; readonly status: 'refused'; readonly code: string; readonly sentence: string }
  /** It said nothing; where the transaction was `handed` to it, that may have arrived all the same. */
  | { readonly peer: LightPeer; readonly status: 'failed'; readonly reason: string; readonly handed: boolean }

/** Asks all peers at once; peers that fail stay in the list, since one failure does not stand in the way of others. */
export function submitPayment(
  peers: LightPeers,
  specId: string,
  transaction: Transaction,
): Promise<Verdict[]> {
  const raw = encodeTransaction(transaction)
  return Promise.all(peers.list().map((peer) => submitTo(peers, peer, specId, raw)))
}

async function submitTo(
  peers: LightPeers,
  peer: LightPeer,
  specId: string,
  raw: Uint8Array,
): Promise<Verdict> {
  let handed = false
  try {
    const connection = await peers.connectionTo(peer)
    handed = true
    const reply = await request(peers, peer, connection, specId, raw)
    if (reply.accepted) return { peer, status: 'accepted' }
    return { peer, status: 'refused', code: reply.code, sentence: reply.sentence }
  } catch (error) {
    if (!(error instanceof ChainError)) throw error
    return { peer, status: 'failed', reason: reasonOf(error), handed }
  }
}

/** What a connection that the peer is just closing does to an exchange. */
const closedCodes: ReadonlySet<string> = new Set([
  'peer-closed',
  'peer-reset',
  'frame-truncated',
  'exchange-failed',
])

/** Asks once more where it turns out that the peer had closed the connection; asking twice does no harm. */
async function request(
  peers: LightPeers,
  peer: LightPeer,
  connection: Connection,
  specId: string,
  raw: Uint8Array,
): Promise<SubmitReply> {
  try {
    return await requestSubmit(connection, specId, raw)
  } catch (error) {
    if (!(error instanceof ChainError && closedCodes.has(error.code))) throw error
    return await requestSubmit(await peers.reconnectTo(peer, connection), specId, raw)
  }
}
