/**
 * Watches what comes in on a stream of the hash table before its library sees it: one frame, no longer than allowed, with
 * no more peers in it than an honest node would name.
 *
 * The library itself takes frames of 4 MiB, any number of them on one stream, and remembers every peer that one names.
 *
 * Source: docs/protocol/peers.md#hash-table; libp2p's specs, kad-dht/README.md, "RPC messages"
 */
import { maxLengthPrefixBytes } from '@chain/wire'
import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { PeerError } from '../errors.ts'

/** What one stream may bring. */
export interface FrameLimits {
  /** Bytes of the frame without its length. */
  readonly bytes: number
  /** Peers in each of its lists. */
  readonly peers: number
}

/** Fields of the library's messages that name peers: `closerPeers` and `providerPeers`. */
const peerFields = new Set([8, 9])

/** Resets a stream that brings more than allowed; to be called before anybody else listens to it. */
export function watchFrame(stream: Stream, limits: FrameLimits, onFault: (error: PeerError) => void): void {
  const frame = new FrameWatch(limits)
  stream.addEventListener('message', (event) => {
    try {
      frame.take(event.data)
    } catch (error) {
      if (!(error instanceof PeerError)) throw error
      // Without its end the library never gets to decode the frame.
      event.stopImmediatePropagation()
      stream.abort(error)
      onFault(error)
    }
  })
}

/** Takes the bytes of a stream as they come. Bound: one frame and its length. */
export class FrameWatch {
  readonly #limits: FrameLimits
  readonly #seen = new Uint8ArrayList()
  /** Bytes of the frame with its length, once that is known. */
  #end: number | undefined

  constructor(limits: FrameLimits) {
    this.#limits = limits
  }

  /** Takes what comes next. @throws {PeerError} `frame-too-large`, `frame-malformed`, `frame-unexpected` */
  take(bytes: Uint8Array | Uint8ArrayList): void {
    if (bytes.byteLength > this.#limits.bytes + maxLengthPrefixBytes - this.#seen.byteLength) {
      throw new PeerError(
        'frame-too-large',
        `A frame of the hash table has more than ${this.#limits.bytes} bytes.`,
      )
    }
    this.#seen.append(bytes)
    this.#end ??= this.#readEnd()
    if (this.#end === undefined || this.#seen.byteLength < this.#end) return
    if (this.#seen.byteLength > this.#end) {
      throw new PeerError(
        'frame-unexpected',
        'The peer sent more than one frame on a stream of the hash table.',
      )
    }
    this.#checkPeers(this.#end)
  }

  #readEnd(): number | undefined {
    const length = readVarint(this.#seen, 0)
    if (length === undefined) return undefined
    const [value, start] = length
    if (value <= this.#limits.bytes) return start + value
    throw new PeerError(
      'frame-too-large',
      `A frame of the hash table has ${value} bytes, more than ${this.#limits.bytes}.`,
    )
  }

  /** Only fields of the outermost message are looked at. */
  #checkPeers(end: number): void {
    const counts = new Map<number, number>()
    let at = readVarint(this.#seen, 0)?.[1] ?? end
    while (at < end) {
      const [tag, afterTag] = this.#varint(at)
      const field = Math.floor(tag / 8)
      const count = (counts.get(field) ?? 0) + 1
      counts.set(field, count)
      if (peerFields.has(field) && count > this.#limits.peers) {
        throw new PeerError(
          'frame-malformed',
          `A message of the hash table names more than ${this.#limits.peers} peers.`,
        )
      }
      at = this.#skip(tag % 8, afterTag)
    }
  }

  #skip(wireType: number, at: number): number {
    if (wireType === 0) return this.#varint(at)[1]
    if (wireType === 1) return at + 8
    if (wireType === 5) return at + 4
    if (wireType !== 2) throw malformed()
    const [length, start] = this.#varint(at)
    return start + length
  }

  #varint(at: number): readonly [value: number, end: number] {
    const read = readVarint(this.#seen, at, 5)
    if (read === undefined) throw malformed()
    return read
  }
}

/** An unsigned LEB128 integer and where it ends; `undefined` when the bytes end inside it. */
function readVarint(
  bytes: Uint8ArrayList,
  start: number,
  longest: number = maxLengthPrefixBytes,
): readonly [value: number, end: number] | undefined {
  let value = 0
  for (let index = 0; index < longest; index += 1) {
    if (start + index >= bytes.byteLength) return undefined
    const byte = bytes.get(start + index)
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return [value, start + index + 1]
  }
  throw malformed()
}

function malformed(): PeerError {
  return new PeerError('frame-malformed', 'A frame of the hash table is malformed.')
}
