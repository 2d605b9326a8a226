/**
 * The search for a nonce that makes a header's hash meet its target.
 *
 * Runs synchronously over a range, so that a worker can stop between two ranges. In WebAssembly where it can run, else
 * one hash after the other.
 *
 * Source: docs/protocol/consensus.md#proof-of-work
 */
import { hash256 } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import { type BlockHeader, encodeHeader } from '../primitives/index.ts'
import { targetFromCompact } from '../units/index.ts'
import { type NonceCandidate, NonceScanner } from './nonce-scanner.ts'

/** How many nonces a header has. */
export const NONCE_COUNT = 0x1_0000_0000

/** Nonces that the scanner is asked for at a time: steps of four, counted in 32 bits with sign. */
const SCAN = 0x4000_0000

/**
 * The first nonce in `start … start + count - 1` with which the header meets its target, or `undefined`.
 *
 * @param header - its own nonce is ignored; `bits` must be a valid target
 * @param start - 0 to 2^32 - 1
 * @param count - at most 2^32 - `start`
 */
export function searchNonce(header: BlockHeader, start: number, count: number): number | undefined {
  const target = targetFromCompact(header.bits)
  invariant(target !== undefined, 'A header under construction has a valid target.')
  const limit = targetWords(target)
  const bytes = encodeHeader(header)
  const end = Math.min(start + count, NONCE_COUNT)
  const scanner = findScanner()
  return scanner?.prepare(bytes, limit[7] as number) === true
    ? scan(scanner, limit, start, end)
    : tryAll(bytes, limit, start, end)
}

let scanner: NonceScanner | undefined
let isKnown = false

/** The scanner, made at the first search; `undefined` where it cannot run. */
function findScanner(): NonceScanner | undefined {
  if (!isKnown) {
    scanner = NonceScanner.create()
    isKnown = true
  }
  return scanner
}

function scan(scanner: NonceScanner, limit: Uint32Array, start: number, end: number): number | undefined {
  let next = start
  while (next < end) {
    const count = Math.min(end - next, SCAN)
    const candidate = scanner.scan(next, count)
    const found = candidate === undefined ? undefined : firstWithin(candidate, limit)
    if (found !== undefined && found < end) return found
    next = candidate === undefined ? next + count : candidate.first + candidate.hashes.length
  }
  return undefined
}

function firstWithin({ first, hashes }: NonceCandidate, limit: Uint32Array): number | undefined {
  const lane = hashes.findIndex((hash) => isWithin(hash, limit))
  return lane === -1 ? undefined : first + lane
}

function tryAll(header: Uint8Array, limit: Uint32Array, start: number, end: number): number | undefined {
  const view = new DataView(header.buffer)
  for (let nonce = start; nonce < end; nonce++) {
    view.setUint32(76, nonce, true)
    const hash = new DataView(hash256(header).buffer)
    if (
      isWithin(
        Uint32Array.from({ length: 8 }, (_, word) => hash.getUint32(word * 4, true)),
        limit,
      )
    )
      return nonce
  }
  return undefined
}

/** Whether a number is at most another; both as eight words, least significant first. */
function isWithin(value: Uint32Array, limit: Uint32Array): boolean {
  for (let word = 7; word >= 0; word--) {
    const difference = (value[word] as number) - (limit[word] as number)
    if (difference !== 0) return difference < 0
  }
  return true
}

/** A target as eight 32-bit words, least significant first. */
function targetWords(target: bigint): Uint32Array {
  return Uint32Array.from({ length: 8 }, (_, i) => Number((target >> BigInt(32 * i)) & 0xffffffffn))
}
