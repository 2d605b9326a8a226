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
  protocolId,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { PeerError } from '../errors.ts'
import {
  type ExchangeProtocol,
  type RequestOptions,
  requestFrames,
  type ServeOptions,
  serve,
} from '../exchange.ts'

function blocksProtocol(specId: string): ExchangeProtocol {
  return {
    id: protocolId(specId, 'blocks/1'),
    maxRequestBytes: frameLimits.GetBlocks,
    maxAnswerBytes: frameLimits.BlockReply,
    streams: streamLimits.blocks,
    answerTimeout: timeLimits.block,
  }
}

/** Finds a raw block by its hash. */
export type BlockFinder = (
  hash: Uint8Array,
  peer: PeerId,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>

/** Answers `blocks/1` on `host`; `find` is called for one hash at a time, as fast as the peer reads. */
export async function handleBlocks(
  host: Libp2p,
  specId: string,
  find: BlockFinder,
  options?: ServeOptions,
): Promise<void> {
  const answer = (request: Uint8Array, peer: PeerId): AsyncGenerator<Uint8Array> =>
    answerBlocks(request, (hash) => find(hash, peer))
  await serve(host, blocksProtocol(specId), answer, options)
}

/**
 * The frames that answer a request.
 *
 * @throws {WireError} while iterating, when the request is malformed
 */
export async function* answerBlocks(
  request: Uint8Array,
  find: (hash: Uint8Array) => ReturnType<BlockFinder>,
): AsyncGenerator<Uint8Array, void, void> {
  for (const hash of decodeGetBlocks(request).hashes) {
    const block = await find(hash)
    yield encodeBlockReply(block === undefined ? { kind: 'not-found', hash } : { kind: 'block', block })
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
export async function* requestBlocks(
  connection: Connection,
  specId: string,
  hashes: readonly Uint8Array[],
  options?: RequestOptions,
): AsyncGenerator<BlockReply, void, void> {
  const request = encodeGetBlocks({ hashes })
  yield* readBlockReplies(requestFrames(connection, blocksProtocol(specId), request, options), hashes)
}

/** The replies in the frames of an answer, with the errors of {@link requestBlocks}. */
export async function* readBlockReplies(
  frames: AsyncIterable<Uint8Array>,
  hashes: readonly Uint8Array[],
): AsyncGenerator<BlockReply, void, void> {
  let count = 0
  for await (const frame of frames) {
    const hash = hashes[count]
    if (hash === undefined)
      throw new PeerError('frame-unexpected', 'The peer sent more blocks than asked for.')
    const reply = decodeBlockReply(frame)
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
