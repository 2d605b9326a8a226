/**
 * A peer as sync sees it, at the other end of a simulated connection.
 */
import {
  type BlockReply,
  decodeBlockReply,
  decodeHeaders,
  encodeGetBlocks,
  encodeGetHeaders,
  type GetHeaders,
  type Headers,
  timeLimits,
} from '@chain/wire'
import { PeerError } from '../errors.ts'
import { checkReplies } from '../protocols/blocks.ts'
import type { RequestOptions } from '../streams/exchange.ts'
import type { SyncPeer } from '../sync/sync-peer.ts'
import type { SimulatedConnection } from './connection.ts'
import type { Participant } from './participant.ts'
import { requestFrames, type SimulatedRequest } from './request-frames.ts'

/** The other side of a connection, to be asked for headers and blocks. */
export function simulatedSyncPeer(connection: SimulatedConnection, local: Participant): SyncPeer {
  return {
    id: connection.otherOf(local).id,
    requestHeaders: (request, options) => requestHeaders(connection, local, request, options),
    requestBlocks: (hashes, { signal, timeout = timeLimits.block }) => {
      const request = { protocol: 'blocks/1', frame: encodeGetBlocks({ hashes }), timeout }
      return checkReplies(decodeReplies(requestFrames(connection, local, request, signal)), hashes)
    },
  }
}

async function* decodeReplies(frames: AsyncIterable<Uint8Array>): AsyncGenerator<BlockReply, void, void> {
  for await (const frame of frames) yield decodeBlockReply(frame)
}

async function requestHeaders(
  connection: SimulatedConnection,
  local: Participant,
  request: GetHeaders,
  { signal, timeout = timeLimits.headers }: RequestOptions,
): Promise<Headers> {
  const frame = encodeGetHeaders(request)
  return decodeHeaders(
    await requestFrame(connection, local, { protocol: 'headers/1', frame, timeout }, signal),
  )
}

/**
 * Sends a frame and returns the one frame of the answer.
 *
 * @throws {PeerError} `peer-closed` when there is none, and those of {@link requestFrames}
 */
export async function requestFrame(
  connection: SimulatedConnection,
  local: Participant,
  request: SimulatedRequest,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  for await (const frame of requestFrames(connection, local, request, signal)) return frame
  throw new PeerError('peer-closed', 'The peer closed the stream without an answer.')
}
