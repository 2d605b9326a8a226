/**
 * A peer as sync sees it: somebody who answers for headers and blocks. Tests and simulations bring their own.
 */
import type { BlockReply, GetHeaders, Headers } from '@chain/wire'
import type { Connection } from '@libp2p/interface'
import { requestBlocks } from '../protocols/blocks.ts'
import { requestHeaders } from '../protocols/headers.ts'
import type { RequestOptions } from '../streams/exchange.ts'

/** Somebody to ask. Rejections are `PeerError` or `WireError`. */
export interface SyncPeer {
  /** The peer id as text. */
  readonly id: string
  requestHeaders(request: GetHeaders, options: RequestOptions): Promise<Headers>
  /** One reply per hash, in order; the peer is held back while a reply is being dealt with. */
  requestBlocks(hashes: readonly Uint8Array[], options: RequestOptions): AsyncIterable<BlockReply>
}

/** The peer at the other end of a libp2p connection. */
export function connectedSyncPeer(connection: Connection, specId: string): SyncPeer {
  return {
    id: connection.remotePeer.toString(),
    requestHeaders: (request, options) => requestHeaders(connection, specId, request, options),
    requestBlocks: (hashes, options) => requestBlocks(connection, specId, hashes, options),
  }
}
