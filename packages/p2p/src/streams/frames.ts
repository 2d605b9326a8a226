/**
 * Frames: messages on a stream, each preceded by its length as an unsigned LEB128 integer.
 *
 * Both functions are made for `it-pipe`. Not for the meaning of a frame (`@chain/wire`).
 *
 * Source: docs/protocol/peers.md#frames
 */
import { maxLengthPrefixBytes } from '@chain/wire'
import * as lp from 'it-length-prefixed'
import type { Uint8ArrayList } from 'uint8arraylist'
import { PeerError, toPeerError } from '../errors.ts'
import { passTurn } from '../turn.ts'

/** Each frame with its length in front, as one chunk. */
export async function* encodeFrames(
  frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8ArrayList, void, void> {
  for await (const frame of frames) yield lp.encode.single(frame, { maxDataLength: frame.length })
}

/**
 * A transform from chunks to frames of at most `maxBytes` bytes each.
 *
 * A length above `maxBytes` ends the iteration before any byte of the body is kept. Frames are copies, so that a small
 * one that is kept does not keep the whole chunk it came in. Many small frames do not keep the thread from others.
 *
 * @throws {PeerError} while iterating: `frame-too-large`, `frame-malformed`, `frame-truncated`
 */
export function decodeFrames(
  maxBytes: number,
): (chunks: AsyncIterable<Uint8Array | Uint8ArrayList>) => AsyncGenerator<Uint8Array, void, void> {
  return async function* (chunks) {
    // The decoder forgets a length that is the last thing on the stream, so announced and complete frames are counted.
    let incomplete = 0
    const options = {
      maxDataLength: maxBytes,
      maxLengthLength: maxLengthPrefixBytes,
      onLength: () => {
        incomplete += 1
      },
      onData: () => {
        incomplete -= 1
      },
    }
    try {
      for await (const frame of lp.decode(chunks, options)) {
        await passTurn()
        yield ownBytes(frame)
      }
    } catch (error) {
      throw toPeerError(error)
    }
    if (incomplete > 0) throw new PeerError('frame-truncated', 'The stream ended inside a frame.')
  }
}

/** The bytes of a frame in memory of their own. */
function ownBytes(frame: Uint8ArrayList): Uint8Array {
  const bytes = frame.subarray()
  return bytes.buffer.byteLength === bytes.length ? bytes : new Uint8Array(bytes)
}
