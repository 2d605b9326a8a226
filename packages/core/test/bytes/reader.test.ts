import { ByteReader, fromHex } from '@chain/core/bytes'
import { describe, expect, test } from 'vitest'
import { refusal } from '../refusal.ts'

function read<Value>(hex: string, take: (reader: ByteReader) => Value): Value {
  return take(new ByteReader(fromHex(hex)))
}

describe('integers', () => {
  test('are read least significant byte first', () => {
    expect(read('ff', (reader) => reader.readUint8())).toBe(255)
    expect(read('0102', (reader) => reader.readUint16())).toBe(0x0201)
    expect(read('01020304', (reader) => reader.readUint32())).toBe(0x04030201)
    expect(read('ffffffff', (reader) => reader.readUint32())).toBe(0xffffffff)
    expect(read('ffffffff', (reader) => reader.readInt32())).toBe(-1)
    expect(read('0000000000000080', (reader) => reader.readInt64())).toBe(-(2n ** 63n))
  })

  test.each([
    ['readUint8', ''],
    ['readUint16', '00'],
    ['readUint32', '000000'],
    ['readInt32', '000000'],
    ['readInt64', '00000000000000'],
    ['readCompactSize', ''],
    ['readCompactSize', 'fd00'],
    ['readCompactSize', 'fe000000'],
    ['readCompactSize', 'ff00000000000000'],
    ['readVarBytes', '0200'],
  ] as const)('%s refuses %j as too short', (method, hex) => {
    expect(refusal(() => read(hex, (reader) => reader[method]()))).toMatchObject({
      name: 'DecodeError',
      code: 'bytes-truncated',
    })
  })
})

describe('a CompactSize', () => {
  test.each([
    ['00', 0],
    ['fc', 252],
    ['fdfd00', 253],
    ['fdffff', 0xffff],
    ['fe00000100', 0x10000],
    ['feffffffff', 0xffffffff],
    ['ff0000000001000000', 0x100000000],
    ['ffffffffffffff1f00', Number.MAX_SAFE_INTEGER],
  ])('%s is %d', (hex, value) => {
    expect(read(hex, (reader) => reader.readCompactSize())).toBe(value)
  })

  test.each(['fdfc00', 'fd0000', 'feffff0000', 'ffffffffff00000000'])(
    '%s is not in its shortest form',
    (hex) => {
      expect(refusal(() => read(hex, (reader) => reader.readCompactSize())).code).toBe(
        'compact-size-not-minimal',
      )
    },
  )

  test.each(['ff00000000000020 00'.replace(' ', ''), 'ffffffffffffffffff'])('%s is too large', (hex) => {
    expect(refusal(() => read(hex, (reader) => reader.readCompactSize())).code).toBe('compact-size-too-large')
  })
})

describe('a count', () => {
  test('is checked against what is left before anybody allocates for it', () => {
    expect(read('02aabb', (reader) => reader.readCount(1))).toBe(2)
    expect(refusal(() => read('03aabb', (reader) => reader.readCount(1))).code).toBe('bytes-truncated')
    expect(refusal(() => read('02aabb', (reader) => reader.readCount(2))).code).toBe('bytes-truncated')
    expect(refusal(() => read('feffffffff', (reader) => reader.readCount(9))).code).toBe('bytes-truncated')
  })
})

describe('bytes', () => {
  test('are views of the source', () => {
    const source = fromHex('0102030405')
    const reader = new ByteReader(source, 1)
    const view = reader.readBytes(2)
    expect(view).toEqual(Uint8Array.of(2, 3))
    expect(view.buffer).toBe(source.buffer)
    expect(reader.offset).toBe(3)
    expect(reader.remaining).toBe(2)
  })

  test('are read from a part of a larger array', () => {
    const part = fromHex('ff01020304ff').subarray(1, 5)
    const reader = new ByteReader(part)
    expect(reader.readUint32()).toBe(0x04030201)
    expect(reader.remaining).toBe(0)
    expect(refusal(() => reader.readUint8()).code).toBe('bytes-truncated')
  })

  test('that are left over are refused', () => {
    const reader = new ByteReader(fromHex('0102'))
    reader.readUint8()
    expect(refusal(() => reader.expectEnd())).toMatchObject({
      code: 'bytes-left-over',
      data: { remaining: 1 },
    })
    reader.readUint8()
    expect(() => reader.expectEnd()).not.toThrow()
  })
})
