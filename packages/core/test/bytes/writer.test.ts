import { ByteWriter, compactSizeLength, toHex } from '@chain/core/bytes'
import { describe, expect, test } from 'vitest'

function write(put: (writer: ByteWriter) => unknown): string {
  const writer = new ByteWriter(1)
  put(writer)
  return toHex(writer.toBytes())
}

describe('a writer', () => {
  test('writes integers least significant byte first', () => {
    expect(write((writer) => writer.writeUint8(255))).toBe('ff')
    expect(write((writer) => writer.writeUint16(0x0201))).toBe('0102')
    expect(write((writer) => writer.writeUint32(0xfffffffe))).toBe('feffffff')
    expect(write((writer) => writer.writeInt32(-2))).toBe('feffffff')
    expect(write((writer) => writer.writeInt64(-2n))).toBe('feffffffffffffff')
  })

  test.each([
    [0, '00'],
    [252, 'fc'],
    [253, 'fdfd00'],
    [0xffff, 'fdffff'],
    [0x10000, 'fe00000100'],
    [0xffffffff, 'feffffffff'],
    [0x100000000, 'ff0000000001000000'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff1f00'],
  ])('writes the CompactSize of %d in its shortest form', (value, hex) => {
    expect(write((writer) => writer.writeCompactSize(value))).toBe(hex)
    expect(compactSizeLength(value)).toBe(hex.length / 2)
  })

  test('grows from nothing and keeps what was written', () => {
    const writer = new ByteWriter(0)
    for (let i = 0; i < 1_000; i++) writer.writeVarBytes(Uint8Array.of(i & 0xff, 1))
    expect(writer.length).toBe(3_000)
    expect(toHex(writer.toBytes().subarray(2_997))).toBe('02e701')
  })

  test('gives out an array of its own', () => {
    const writer = new ByteWriter().writeUint8(1)
    const bytes = writer.toBytes()
    bytes[0] = 9
    expect(writer.toBytes()).toEqual(Uint8Array.of(1))
  })

  test('writes anew after it was cleared, also what is longer', () => {
    const writer = new ByteWriter(4).writeUint32(0xffffffff)
    expect(writer.clear().length).toBe(0)
    expect(toHex(writer.writeUint16(0x0201).view)).toBe('0102')
    expect(toHex(writer.clear().writeInt64(-2n).view)).toBe('feffffffffffffff')
  })
})
