/**
 * The search for a nonce that makes a header's hash meet its target.
 *
 * Runs synchronously over a range, so that a worker can stop between two ranges. The first 64 bytes of the header are
 * hashed once; each attempt then costs two compressions of SHA-256.
 *
 * Source: FIPS 180-4; docs/protocol/consensus.md#proof-of-work
 */
import { invariant } from '../errors/index.ts'
import { type BlockHeader, encodeHeader } from '../primitives/index.ts'
import { targetFromCompact } from '../units/index.ts'

/** How many nonces a header has. */
export const NONCE_COUNT = 0x1_0000_0000

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
  const view = new DataView(bytes.buffer)
  const midstate = INITIAL.slice()
  loadWords(view, 0, 16)
  compress(midstate)
  const tail = Int32Array.of(view.getInt32(64), view.getInt32(68), view.getInt32(72))
  const end = Math.min(start + count, NONCE_COUNT)
  for (let nonce = start; nonce < end; nonce++) {
    hashTail(midstate, tail, nonce)
    if (isWithin(limit)) return nonce
  }
  return undefined
}

const INITIAL = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
)

const ROUND_CONSTANTS = Int32Array.of(
  0x428a2f98,
  0x71374491,
  0xb5c0fbcf,
  0xe9b5dba5,
  0x3956c25b,
  0x59f111f1,
  0x923f82a4,
  0xab1c5ed5,
  0xd807aa98,
  0x12835b01,
  0x243185be,
  0x550c7dc3,
  0x72be5d74,
  0x80deb1fe,
  0x9bdc06a7,
  0xc19bf174,
  0xe49b69c1,
  0xefbe4786,
  0x0fc19dc6,
  0x240ca1cc,
  0x2de92c6f,
  0x4a7484aa,
  0x5cb0a9dc,
  0x76f988da,
  0x983e5152,
  0xa831c66d,
  0xb00327c8,
  0xbf597fc7,
  0xc6e00bf3,
  0xd5a79147,
  0x06ca6351,
  0x14292967,
  0x27b70a85,
  0x2e1b2138,
  0x4d2c6dfc,
  0x53380d13,
  0x650a7354,
  0x766a0abb,
  0x81c2c92e,
  0x92722c85,
  0xa2bfe8a1,
  0xa81a664b,
  0xc24b8b70,
  0xc76c51a3,
  0xd192e819,
  0xd6990624,
  0xf40e3585,
  0x106aa070,
  0x19a4c116,
  0x1e376c08,
  0x2748774c,
  0x34b0bcb5,
  0x391c0cb3,
  0x4ed8aa4a,
  0x5b9cca4f,
  0x682e6ff3,
  0x748f82ee,
  0x78a5636f,
  0x84c87814,
  0x8cc70208,
  0x90befffa,
  0xa4506ceb,
  0xbef9a3f7,
  0xc67178f2,
)

/** Message schedule of the compression under way. */
const schedule = new Int32Array(64)
/** Result of the last {@link hashTail}: eight words of the double hash. */
const digest = new Int32Array(8)

function loadWords(view: DataView, at: number, count: number): void {
  for (let i = 0; i < count; i++) schedule[i] = view.getInt32(at + i * 4)
}

/** Hashes the last 16 bytes of the header from the midstate, then the 32-byte result, into {@link digest}. */
function hashTail(midstate: Int32Array, tail: Int32Array, nonce: number): void {
  schedule.set(tail)
  schedule[3] = swapBytes(nonce)
  schedule[4] = 0x80000000
  schedule.fill(0, 5, 15)
  schedule[15] = 640
  digest.set(midstate)
  compress(digest)
  schedule.set(digest)
  schedule[8] = 0x80000000
  schedule.fill(0, 9, 15)
  schedule[15] = 256
  digest.set(INITIAL)
  compress(digest)
}

/** Whether {@link digest}, read as a little-endian number, is at most the target. */
function isWithin(limit: Uint32Array): boolean {
  for (let i = 7; i >= 0; i--) {
    const word = swapBytes(digest[i] as number) >>> 0
    const bound = limit[i] as number
    if (word !== bound) return word < bound
  }
  return true
}

/** A target as eight 32-bit words, least significant first. */
function targetWords(target: bigint): Uint32Array {
  return Uint32Array.from({ length: 8 }, (_, i) => Number((target >> BigInt(32 * i)) & 0xffffffffn))
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
}

/** One compression of SHA-256 of the 16 words in {@link schedule} into `state`. */
function compress(state: Int32Array): void {
  const w = schedule
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15] as number
    const y = w[i - 2] as number
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[i] = ((w[i - 16] as number) + s0 + (w[i - 7] as number) + s1) | 0
  }
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let f = state[5] as number
  let g = state[6] as number
  let h = state[7] as number
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUND_CONSTANTS[i] as number) + (w[i] as number)) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
  state[4] = (state[4] as number) + e
  state[5] = (state[5] as number) + f
  state[6] = (state[6] as number) + g
  state[7] = (state[7] as number) + h
}
