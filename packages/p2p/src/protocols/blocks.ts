/**
 * `blocks/1`: hashes, answered by one block (or `not found`) per hash, in the order asked, each sent when the one before
 * it has been taken.
 *
 * Source: docs/protocol/peers.md#blocks
 */
import { equalBytes } from '@chain/core/bytes'
import {
  type BlockReply,
  decodeBlockReply,
  decodeGetBlocks,
  encodeBlockReply,
  encodeGetBlocks,
  frameLimits,
  type GetBlocks,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { PeerError } from '../errors.ts'
import type { RequestOptions, ServeOptions } from '../streams/exchange.ts'
import { askSeries, type Protocol, serveSeries } from './protocol.ts'

const blocksProtocol: Protocol<GetBlocks, BlockReply> = {
  name: 'blocks/1',
  request: { maxBytes: frameLimits.GetBlocks, encode: encodeGetBlocks, decode: decodeGetBlocks },
  answer: { maxBytes: frameLimits.BlockReply, encode: encodeBlockReply, decode: decodeBlockReply },
  streams: streamLimits.blocks,
  answerTimeout: timeLimits.block,
}

/** Finds a raw block by its hash. */
export type BlockFinder = (
  hash: Uint8Array,
  peer: PeerId,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>

/** Answers `blocks/1` on `host`; `find` is called for one hash at a time, as fast as the peer reads. */
export function handleBlocks(
  host: Libp2p,
  specId: string,
  find: BlockFinder,
  options?: ServeOptions,
): Promise<void> {
  const answer = (request: GetBlocks, peer: PeerId): AsyncGenerator<BlockReply> =>
    answerBlocks(request, (hash) => find(hash, peer))
  return serveSeries(host, specId, blocksProtocol, answer, options)
}

/** The replies to a request, one per hash. */
export async function* answerBlocks(
  { hashes }: GetBlocks,
  find: (hash: Uint8Array) => ReturnType<BlockFinder>,
): AsyncGenerator<BlockReply, void, void> {
  for (const hash of hashes) {
    const block = await find(hash)
    yield block === undefined ? { kind: 'not-found', hash } : { kind: 'block', block }
  }
}

/**
 * Asks a peer for blocks and yields one reply per hash, in the order of `hashes`.
 *
 * The peer is held back while the caller is busy with a block. Leaving the iteration cancels the request. Whether a raw
 * block has the hash that was asked for is for the caller to check.
 *
 * @throws {PeerError} while iterating, when the exchange fails; `answer-unexpected` when `not found` names another hash;
 *   `peer-closed` when replies are missing, `frame-unexpected` when there are too many
 * @throws {WireError} while iterating, when a reply is malformed
 */
export function requestBlocks(
  connection: Connection,
  specId: string,
  hashes: readonly Uint8Array[],
  options?: RequestOptions,
): AsyncGenerator<BlockReply, void, void> {
  return checkReplies(askSeries(connection, specId, blocksProtocol, { hashes }, options), hashes)
}

/** Replies as they come, as long as they are what was asked for, with the errors of {@link requestBlocks}. */
export async function* checkReplies(
  replies: AsyncIterable<BlockReply>,
  hashes: readonly Uint8Array[],
): AsyncGenerator<BlockReply, void, void> {
  let count = 0
  for await (const reply of replies) {
    const hash = hashes[count]
    if (hash === undefined)
      throw new PeerError('frame-unexpected', 'The peer sent more blocks than asked for.')
    if (reply.kind === 'not-found' && !equalBytes(reply.hash, hash)) {
      throw new PeerError('answer-unexpected', 'The peer answered about a block that was not asked for.')
    }
    count += 1
    yield reply
  }
  if (count < hashes.length) {
    throw new PeerError('peer-closed', `The peer sent ${count} of ${hashes.length} blocks.`)
  }
}
