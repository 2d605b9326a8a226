import { expect, it } from 'vitest'
import { type YamuxHeader, YamuxHeaderReader } from '../../src/host/yamux-headers.ts'
import { yamuxFrame } from './yamux-frames.ts'

function headersOf(chunks: readonly Uint8Array[]): YamuxHeader[] {
  const headers: YamuxHeader[] = []
  const reader = new YamuxHeaderReader((header) => headers.push(header))
  for (const chunk of chunks) reader.read(chunk)
  return headers
}

const sent: readonly YamuxHeader[] = [
  { type: 1, flags: 1, stream: 3, length: 0 },
  { type: 0, flags: 0, stream: 3, length: 40 },
  { type: 2, flags: 1, stream: 0, length: 0xffff_ffff },
  { type: 0, flags: 4, stream: 0xffff_fffe, length: 0 },
  { type: 3, flags: 0, stream: 0, length: 2 },
]
const bytes = new Uint8Array(Buffer.concat(sent.map(yamuxFrame)))

it('reads every header of bytes that come at once', () => {
  expect(headersOf([bytes])).toEqual(sent)
})

it('reads the same headers when the bytes come one by one', () => {
  expect(headersOf(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(sent)
})

it('reads the same headers wherever the bytes are cut', () => {
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(headersOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(sent)
  }
})

it('skips what a data header announces, and the length of other headers announces nothing', () => {
  const data = { type: 0, flags: 0, stream: 1, length: 1_000_000 }
  expect(headersOf([yamuxFrame(data), bytes])).toEqual([data, ...sent])
})
