import { describe, expect, it } from 'vitest'
import { FrameWatch } from '../../src/dht/frame-watch.ts'

const limits = { bytes: 300, peers: 2 }

/** A field of bytes with a one-byte tag and length. */
function field(number: number, length: number): number[] {
  return [number * 8 + 2, length, ...Array.from({ length }, () => 0)]
}

/** A frame whose length takes two bytes. */
function frame(...body: readonly number[]): Uint8Array {
  return Uint8Array.from([(body.length & 0x7f) | 0x80, body.length >> 7, ...body])
}

function take(bytes: Uint8Array, chunk = bytes.length): void {
  const watch = new FrameWatch(limits)
  for (let at = 0; at < bytes.length; at += chunk) watch.take(bytes.subarray(at, at + chunk))
}

function code(value: string): unknown {
  return expect.objectContaining({ code: value })
}

describe('a frame of the hash table', () => {
  it.each([1, 2, 7, 1_000])('passes when it arrives in chunks of %i', (chunk) => {
    take(
      frame(8, 5, ...field(2, 30), ...field(8, 40), ...field(8, 40), ...field(9, 40), ...field(9, 0)),
      chunk,
    )
  })

  it.each([1, 1_000])('names no more peers than allowed, in chunks of %i', (chunk) => {
    const bytes = frame(...field(8, 4), ...field(8, 4), ...field(8, 4))
    expect(() => take(bytes, chunk)).toThrow(code('frame-malformed'))
  })

  it('is refused on its length', () => {
    expect(() => take(Uint8Array.from([0xad, 0x02]))).toThrow(code('frame-too-large'))
    expect(() => take(new Uint8Array(400))).toThrow(code('frame-too-large'))
  })

  it('is the only one', () => {
    expect(() => take(Uint8Array.from([...frame(8, 5), 0]))).toThrow(code('frame-unexpected'))
  })

  it('is refused when its length or its fields make no sense', () => {
    expect(() => take(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 1]))).toThrow(code('frame-malformed'))
    expect(() => take(frame(8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).toThrow(code('frame-malformed'))
    expect(() => take(frame(0x0b))).toThrow(code('frame-malformed'))
  })
})
