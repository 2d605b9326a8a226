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

/** The four 64-bit words of the state: low and high halves side by side. */
const state = new Int32Array(8)

/** SipHash-2-4 of `data`, an unsigned 64-bit number. */
export function siphash(key: SipHashKey, data: Bytes): bigint {
  initialise(key)
  const whole = data.length - (data.length % 8)
  for (let at = 0; at < whole; at += 8) absorb(word(data, at), word(data, at + 4))
  absorb(word(data, whole), word(data, whole + 4) | (data.length << 24))
  xorInto(4, 0xff)
  for (let i = 0; i < 4; i++) round()
  const low =
    ((state[0] as number) ^ (state[2] as number) ^ (state[4] as number) ^ (state[6] as number)) >>> 0
  const high =
    ((state[1] as number) ^ (state[3] as number) ^ (state[5] as number) ^ (state[7] as number)) >>> 0
  return (BigInt(high) << 32n) | BigInt(low)
}

function initialise([k0, k1, k2, k3]: SipHashKey): void {
  state[0] = k0 ^ 0x70736575
  state[1] = k1 ^ 0x736f6d65
  state[2] = k2 ^ 0x6e646f6d
  state[3] = k3 ^ 0x646f7261
  state[4] = k0 ^ 0x6e657261
  state[5] = k1 ^ 0x6c796765
  state[6] = k2 ^ 0x79746573
  state[7] = k3 ^ 0x74656462
}

/** 32 little-endian bits at `at`; bytes past the end count as zero. */
function word(data: Bytes, at: number): number {
  return (
    (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16) | ((data[at + 3] ?? 0) << 24)
  )
}

function absorb(low: number, high: number): void {
  xorInto(6, low)
  xorInto(7, high)
  round()
  round()
  xorInto(0, low)
  xorInto(1, high)
}

function xorInto(index: number, value: number): void {
  state[index] = (state[index] as number) ^ value
}

function round(): void {
  add(0, 2)
  add(4, 6)
  rotateXor(2, 0, 13)
  rotateXor(6, 4, 16)
  swapHalves(0)
  add(4, 2)
  add(0, 6)
  rotateXor(2, 4, 17)
  rotateXor(6, 0, 21)
  swapHalves(4)
}

/** `word[a] += word[b]` in 64 bits. */
function add(a: number, b: number): void {
  const low = ((state[a] as number) >>> 0) + ((state[b] as number) >>> 0)
  state[a] = low
  state[a + 1] = (state[a + 1] as number) + (state[b + 1] as number) + (low > 0xffffffff ? 1 : 0)
}

/** `word[a] = rotateLeft(word[a], bits) ^ word[b]`, for 1 to 31 bits. */
function rotateXor(a: number, b: number, bits: number): void {
  const low = state[a] as number
  const high = state[a + 1] as number
  state[a] = ((low << bits) | (high >>> (32 - bits))) ^ (state[b] as number)
  state[a + 1] = ((high << bits) | (low >>> (32 - bits))) ^ (state[b + 1] as number)
}

/** Rotates `word[a]` by 32 bits. */
function swapHalves(a: number): void {
  const low = state[a] as number
  state[a] = state[a + 1] as number
  state[a + 1] = low
}
