import { ByteReader, ByteWriter, concatBytes, fromHex, toHex } from '@chain/core/bytes'
import { decodeUndo, encodeUndo, readCoin, readVarint, writeCoin, writeVarint } from '@chain/core/chain'
import type { Coin } from '@chain/core/primitives'
import { p2trScript, p2wpkhScript } from '@chain/core/script'
import { COIN, MAX_AMOUNT } from '@chain/core/units'
import { describe, expect, test } from 'vitest'
import { refusal } from '../refusal.ts'

const keyHash = new Uint8Array(20).fill(1)

function coin(value: bigint, scriptPubKey = p2wpkhScript(keyHash)): Coin {
  return { output: { value, scriptPubKey }, height: 5, isCoinbase: true }
}

function encode(from: Coin): string {
  const writer = new ByteWriter()
  writeCoin(writer, from)
  return toHex(writer.toBytes())
}

function decode(hex: string): Coin {
  return readCoin(new ByteReader(fromHex(hex)))
}

describe('a coin', () => {
  test.each([
    ['nothing', 0n, '00'],
    ['one unit', 1n, '01'],
    ['one coin', COIN, '09'],
    ['fifty coins', 50n * COIN, '32'],
    ['twenty-one million coins', MAX_AMOUNT, 'c0c7cd09'.slice(0, 0)],
  ])('of %s begins with height and amount', (_, value, amount) => {
    expect(encode(coin(value))).toMatch(new RegExp(`^0b${amount}`))
    expect(decode(encode(coin(value))).output.value).toBe(value)
  })

  test('of a kind that can be spent carries its program only', () => {
    expect(encode(coin(1n))).toBe(`0b0100${'01'.repeat(20)}`)
    expect(encode(coin(1n, p2trScript(new Uint8Array(32).fill(2))))).toBe(`0b0101${'02'.repeat(32)}`)
    expect(encode(coin(1n, Uint8Array.of(0x51)))).toBe('0b01020151')
    expect(encode(coin(1n, new Uint8Array()))).toBe('0b010200')
  })

  test.each([
    10n ** 15n,
    10n ** 15n + 1n,
    2n ** 53n / 9n,
    MAX_AMOUNT - 1n,
    MAX_AMOUNT - 10n,
    1_234_567_890_123_456n,
  ])('of %s base units keeps every one of them', (value) => {
    expect(decode(encode(coin(value))).output.value).toBe(value)
  })

  test('that was read does not keep the bytes it was read from', () => {
    const bytes = fromHex(encode(coin(1n, new Uint8Array(30))))
    const read = readCoin(new ByteReader(bytes))
    bytes.fill(9)
    expect(read.output.scriptPubKey).toEqual(new Uint8Array(30))
  })

  test.each([
    ['an unknown kind', '0b0103', 'coin-kind-unknown'],
    ['a script that has a shorter form', `0b0102160014${'01'.repeat(20)}`, 'coin-script-not-short'],
    ['a program that is cut off', '0b010001', 'bytes-truncated'],
    ['a script that is cut off', '0b01020551', 'bytes-truncated'],
    ['a height in a longer form', `8b000100${'01'.repeat(20)}`, 'varint-not-minimal'],
    ['an amount in a longer form', `0b810000${'01'.repeat(20)}`, 'varint-not-minimal'],
    ['an amount of ten bytes', `0b${'ff'.repeat(9)}0100${'01'.repeat(20)}`, 'varint-too-long'],
    [
      'more than all coins there can be',
      `0b${'ff'.repeat(8)}0f00${'01'.repeat(20)}`,
      'coin-amount-too-large',
    ],
  ])('is not %s', (_, hex, code) => {
    expect(refusal(() => decode(hex))).toMatchObject({ name: 'DecodeError', code })
  })
})

describe('a varint', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff0f'],
  ])('of %d', (value, hex) => {
    expect(toHex(writeVarint(new ByteWriter(), value).toBytes())).toBe(hex)
    expect(readVarint(new ByteReader(fromHex(hex)))).toBe(value)
  })

  test.each([
    ['8000', 'varint-not-minimal'],
    ['ffffffffffffff10', 'varint-too-long'],
    ['ffffffffffffffff01', 'varint-too-long'],
    ['80', 'bytes-truncated'],
  ])('is not %s', (hex, code) => {
    expect(refusal(() => readVarint(new ByteReader(fromHex(hex)))).code).toBe(code)
  })
})

describe('undo data', () => {
  test('lists the coins of each transaction', () => {
    const undo = [[coin(1n), coin(2n)], [coin(3n)]]
    const bytes = encodeUndo(undo)
    expect(toHex(bytes)).toBe(`0202${encode(coin(1n))}${encode(coin(2n))}01${encode(coin(3n))}`)
    expect(decodeUndo(bytes)).toEqual(undo)
    expect(decodeUndo(encodeUndo([]))).toEqual([])
  })

  test('has no room for a count that cannot be', () => {
    expect(refusal(() => decodeUndo(fromHex('ffffffff7f'))).code).toBe('bytes-truncated')
  })

  test('has nothing behind its end', () => {
    expect(refusal(() => decodeUndo(concatBytes(encodeUndo([]), Uint8Array.of(0)))).code).toBe(
      'bytes-left-over',
    )
  })
})
