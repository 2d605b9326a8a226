import { fromHex } from '@chain/core/bytes'
import { hash256 } from '@chain/core/crypto'
import {
  computeBasicFilter,
  computeFilterHeader,
  decodeGolombSet,
  encodeGolombSet,
  golombSetSize,
  matchFilter,
} from '@chain/core/filters'
import { type Block, blockHash } from '@chain/core/primitives'
import { nullDataScript } from '@chain/core/script'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { testNetwork } from '../networks.ts'
import { refusal } from '../refusal.ts'

const block = ChainBuilder.create(testNetwork()).mine()
const hash = blockHash(block.header)

function paying(...scripts: Uint8Array[]): Block {
  const [coinbase] = block.transactions
  if (coinbase === undefined) throw new Error('A block has a coinbase.')
  const outputs = scripts.map((scriptPubKey) => ({ value: 0n, scriptPubKey }))
  return { ...block, transactions: [{ ...coinbase, outputs }] }
}

const names = ['anna', 'bob', 'carol']
const scripts = names.map((name) => testKey(name).script)
const stranger = testKey('stranger').script

describe('a basic filter', () => {
  test('of a block that pays nobody is empty', () => {
    const filter = computeBasicFilter(paying(nullDataScript(Uint8Array.of(1)), new Uint8Array()), [])
    expect(filter).toEqual(Uint8Array.of(0))
    expect(matchFilter(filter, hash, scripts)).toBe(false)
  })

  test('holds each script once, wherever it stands', () => {
    const filter = computeBasicFilter(paying(...scripts, ...scripts), [...scripts, new Uint8Array()])
    expect(golombSetSize(filter)).toBe(3)
    expect(filter).toEqual(computeBasicFilter(paying(...[...scripts].reverse()), []))
  })

  test('matches what is paid and what is spent, and hardly anything else', () => {
    const filter = computeBasicFilter(paying(scripts[0] as Uint8Array), scripts.slice(1))
    for (const script of scripts) expect(matchFilter(filter, hash, [stranger, script])).toBe(true)
    const strangers = Array.from({ length: 50 }, (_, index) =>
      Uint8Array.of(0, 20, ...new Uint8Array(20).fill(index)),
    )
    expect(matchFilter(filter, hash, strangers)).toBe(false)
    expect(matchFilter(filter, hash, [])).toBe(false)
  })

  test('means nothing for another block', () => {
    const filter = computeBasicFilter(paying(...scripts), [])
    expect(matchFilter(filter, new Uint8Array(32), scripts)).toBe(false)
  })
})

describe('a Golomb-coded set', () => {
  test('is encoded as BIP158 says', () => {
    expect(encodeGolombSet([])).toEqual(fromHex('00'))
    // 1: quotient 0, remainder 1 in 19 bits; then 2^19: quotient 0 and remainder 2^19 - 1.
    expect(encodeGolombSet([1])).toEqual(fromHex('01000010'))
    expect(encodeGolombSet([1, 2 ** 19])).toEqual(fromHex('02000017ffff'))
    expect([...decodeGolombSet(fromHex('02000017ffff'))]).toEqual([1, 2 ** 19])
  })

  test.each([
    ['no bytes', '', 'bytes-truncated'],
    ['a count above what there is room for', '0200001000', 'filter-malformed'],
    ['an item that is cut off', '01ffffffff', 'filter-malformed'],
    ['a byte behind the last item', '0100001000', 'filter-malformed'],
    ['a byte behind no item', '0000', 'filter-malformed'],
    ['one bits behind the last item', '0100001f', 'filter-malformed'],
    ['a count in a long form', 'fd0000', 'compact-size-not-minimal'],
    ['a count of 2^53', 'ff00000000000020 00'.replace(' ', ''), 'compact-size-too-large'],
  ])('is not %s', (_, hex, code) => {
    expect(refusal(() => [...decodeGolombSet(fromHex(hex))])).toMatchObject({ name: 'DecodeError', code })
  })
})

describe('a filter header', () => {
  test('hashes the filter and the header before it', () => {
    const filter = Uint8Array.of(0)
    const previous = new Uint8Array(32).fill(3)
    expect(computeFilterHeader(filter, previous)).toEqual(
      hash256(Uint8Array.of(...hash256(filter), ...previous)),
    )
  })
})
