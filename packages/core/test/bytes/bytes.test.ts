import {
  abbreviate,
  bigintFromBytes,
  bigintToBytes,
  bytesKey,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  reverseBytes,
  toHex,
} from '@chain/core/bytes'
import { describe, expect, test } from 'vitest'
import { refusal } from '../refusal.ts'

describe('fromHex', () => {
  test('reads either case', () => {
    expect(fromHex('00fFaB')).toEqual(Uint8Array.of(0, 255, 0xab))
  })

  test('reads no text as no bytes', () => {
    expect(fromHex('')).toEqual(new Uint8Array())
  })

  test.each(['0', 'abc', 'zz', ' 00', '0x00', '00\n', '０0'])('refuses %j', (text) => {
    expect(refusal(() => fromHex(text))).toMatchObject({ name: 'ParseError', code: 'hex-malformed' })
  })

  test('does not repeat a long text in its sentence', () => {
    expect(refusal(() => fromHex('z'.repeat(10_000))).message.length).toBeLessThan(120)
  })
})

describe('bytes', () => {
  test('are written in lower case, first byte first', () => {
    expect(toHex(Uint8Array.of(1, 0xab))).toBe('01ab')
  })

  test('are equal when all of them are', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false)
    expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true)
  })

  test('are ordered by the first difference, then by length', () => {
    expect(compareBytes(Uint8Array.of(1, 255), Uint8Array.of(2))).toBeLessThan(0)
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0)
    expect(compareBytes(Uint8Array.of(0x80), Uint8Array.of(0x7f))).toBeGreaterThan(0)
    expect(compareBytes(Uint8Array.of(7), Uint8Array.of(7))).toBe(0)
  })

  test('are reversed and joined in new arrays', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    expect(reverseBytes(bytes)).toEqual(Uint8Array.of(3, 2, 1))
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3))
    expect(concatBytes(bytes, new Uint8Array(), bytes)).toEqual(Uint8Array.of(1, 2, 3, 1, 2, 3))
    expect(concatBytes()).toEqual(new Uint8Array())
  })

  test('have a key however many they are', () => {
    const long = new Uint8Array(100_000).map((_, index) => index)
    expect(bytesKey(long)).toHaveLength(100_000)
    expect(bytesKey(long)).not.toBe(bytesKey(long.with(99_999, 1)))
    expect(bytesKey(new Uint8Array())).toBe('')
  })
})

describe('numbers', () => {
  test('are read and written most significant byte first', () => {
    expect(bigintFromBytes(Uint8Array.of(1, 0))).toBe(256n)
    expect(bigintFromBytes(new Uint8Array())).toBe(0n)
    expect(bigintToBytes(256n, 4)).toEqual(Uint8Array.of(0, 0, 1, 0))
  })
})

describe('abbreviate', () => {
  test('cuts what is too long', () => {
    expect(abbreviate('abc', 3)).toBe('abc')
    expect(abbreviate('abcd', 3)).toBe('abc…')
  })
})
