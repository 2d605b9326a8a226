/**
 * SipHash-2-4: a keyed 64-bit hash of short strings, in 32-bit halves because the engines have no fast 64-bit integers.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF".
 */
import type { Bytes } from '../bytes/index.ts'

/** A 128-bit key as four 32-bit words, least significant first. */
export type SipHashKey = readonly [number, number, number, number]

/** Reads the key from 16 little-endian bytes. */
export function siphashKey(bytes: Bytes): SipHashKey {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)]
}

/** SipHash-2-4 of `data`, an unsigned 64-bit number. */
export function siphash(key: SipHashKey, data: Bytes): bigint {
  const words = new Uint32Array(2)
  siphashInto(key, data, words)
  const [low = 0, high = 0] = words
  return (BigInt(high) << 32n) | BigInt(low)
}

/**
 * SipHash-2-4 of `data`, for those who hash much: no number of 64 bits is made.
 *
 * The four 64-bit words of the state are pairs of variables, because the engines keep those in registers: `al` and `ah`
 * are the low and high halves of v0, then `b` of v1, `c` of v2, `d` of v3.
 *
 * @param result - its first word becomes the low half of the hash, its second the high half
 */
export function siphashInto(key: SipHashKey, data: Bytes, result: Uint32Array): void {
  const k0 = key[0]
  const k1 = key[1]
  const k2 = key[2]
  const k3 = key[3]
  let al = k0 ^ 0x70736575
  let ah = k1 ^ 0x736f6d65
  let bl = k2 ^ 0x6e646f6d
  let bh = k3 ^ 0x646f7261
  let cl = k0 ^ 0x6e657261
  let ch = k1 ^ 0x6c796765
  let dl = k2 ^ 0x79746573
  let dh = k3 ^ 0x74656462
  const { length } = data
  const whole = length - (length % 8)
  // Two rounds for each 8 bytes and for the rest with the length; then four to finish.
  for (let at = 0; at <= whole + 8; at += 8) {
    const isEnd = at > whole
    const low = isEnd ? 0 : word(data, at)
    const high = isEnd ? 0 : at < whole ? word(data, at + 4) : word(data, at + 4) | (length << 24)
    dl ^= low
    dh ^= high
    if (isEnd) cl ^= 0xff
    for (let round = isEnd ? 4 : 2; round > 0; round--) {
      // a += b; b = rotate(b, 13) ^ a; a = rotate(a, 32)
      const a1 = (al + bl) | 0
      const a2 = (ah + bh + carry(a1, bl)) | 0
      const b1 = ((bl << 13) | (bh >>> 19)) ^ a1
      const b2 = ((bh << 13) | (bl >>> 19)) ^ a2
      // c += d; d = rotate(d, 16) ^ c
      const c1 = (cl + dl) | 0
      const c2 = (ch + dh + carry(c1, dl)) | 0
      const d1 = ((dl << 16) | (dh >>> 16)) ^ c1
      const d2 = ((dh << 16) | (dl >>> 16)) ^ c2
      // c += b; b = rotate(b, 17) ^ c; c = rotate(c, 32)
      const c3 = (c1 + b1) | 0
      const c4 = (c2 + b2 + carry(c3, b1)) | 0
      bl = ((b1 << 17) | (b2 >>> 15)) ^ c3
      bh = ((b2 << 17) | (b1 >>> 15)) ^ c4
      cl = c4
      ch = c3
      // a += d; d = rotate(d, 21) ^ a; its halves are exchanged above
      al = (a2 + d1) | 0
      ah = (a1 + d2 + carry(al, d1)) | 0
      dl = ((d1 << 21) | (d2 >>> 11)) ^ al
      dh = ((d2 << 21) | (d1 >>> 11)) ^ ah
    }
    al ^= low
    ah ^= high
  }
  result[0] = al ^ bl ^ cl ^ dl
  result[1] = ah ^ bh ^ ch ^ dh
}

/** 1 when the sum of two words, one of them `part`, did not fit into 32 bits; both as signed numbers. */
function carry(sum: number, part: number): number {
  return sum >>> 0 < part >>> 0 ? 1 : 0
}

/** 32 little-endian bits at `at`; bytes past the end count as zero. */
function word(data: Bytes, at: number): number {
  if (at + 4 <= data.length) {
    return (
      (data[at] as number) |
      ((data[at + 1] as number) << 8) |
      ((data[at + 2] as number) << 16) |
      ((data[at + 3] as number) << 24)
    )
  }
  return (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16)
}
