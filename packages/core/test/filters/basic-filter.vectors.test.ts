import { fromHex, toHex } from '@chain/core/bytes'
import {
  computeBasicFilter,
  computeFilterHeader,
  decodeGolombSet,
  encodeGolombSet,
  golombSetSize,
  matchFilter,
} from '@chain/core/filters'
import { blockHash, decodeBlock, formatHash, parseHash } from '@chain/core/primitives'
import { expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

type Row = readonly [
  height: number,
  hash: string,
  block: string,
  spentScripts: string[],
  previousHeader: string,
  filter: string,
  header: string,
  notes: string,
]

describeVectors('bip158-testnet-19.json', (vectors) => {
  const rows = vectors
    .json<Row[]>()
    .slice(1)
    .map(([height, , block, spentScripts, previous, filter, header, notes]) => {
      return { height, notes, block: decodeBlock(fromHex(block)), spentScripts, previous, filter, header }
    })

  test.each(rows)('block $height ($notes) has its basic filter', ({ block, spentScripts, filter }) => {
    expect(toHex(computeBasicFilter(block, spentScripts.map(fromHex)))).toBe(filter)
  })

  test.each(rows)('block $height ($notes) has its filter header', ({ previous, filter, header }) => {
    expect(formatHash(computeFilterHeader(fromHex(filter), parseHash(previous)))).toBe(header)
  })

  test.each(rows)('the filter of block $height matches every script of the block', (row) => {
    const filter = fromHex(row.filter)
    const hash = blockHash(row.block.header)
    const paid = row.block.transactions.flatMap(({ outputs }) => outputs.map((output) => output.scriptPubKey))
    const scripts = [...paid, ...row.spentScripts.map(fromHex)]
    for (const script of scripts) {
      const enters = script.length > 0 && script[0] !== 0x6a
      expect(matchFilter(filter, hash, [script])).toBe(enters)
    }
  })

  test.each(rows)('the filter of block $height reads back to its numbers', ({ filter }) => {
    const numbers = [...decodeGolombSet(fromHex(filter))]
    expect(numbers).toHaveLength(golombSetSize(fromHex(filter)))
    expect(toHex(encodeGolombSet(numbers))).toBe(filter)
  })
})
