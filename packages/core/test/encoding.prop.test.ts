import {
  ByteReader,
  ByteWriter,
  bigintFromBytes,
  bigintToBytes,
  bytesKey,
  compactSizeLength,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  reverseBytes,
  toHex,
} from '@chain/core/bytes'
import { decodeUndo, encodeUndo, readCoin, writeCoin } from '@chain/core/chain'
import { decodeGolombSet, encodeGolombSet } from '@chain/core/filters'
import {
  blockLength,
  decodeBlock,
  decodeHeader,
  decodeTransaction,
  encodeBlock,
  encodeHeader,
  encodeTransaction,
  formatHash,
  HEADER_LENGTH,
  outpointKey,
  parseHash,
  transactionLength,
  transactionWeight,
  txid,
  virtualSize,
  wtxid,
} from '@chain/core/primitives'
import { formatAddress, parseAddress } from '@chain/core/script'
import { formatAmount, parseAmount } from '@chain/core/units'
import { assert, property, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as arbitrary from './arbitraries/primitives.ts'

describe('what is encoded decodes to what it was', () => {
  test('a transaction, with ids and lengths that do not depend on how it came', () => {
    const law = property(arbitrary.transaction, (transaction) => {
      const bytes = encodeTransaction(transaction)
      const decoded = decodeTransaction(bytes)
      expect({ ...decoded }).toEqual(transaction)
      expect(encodeTransaction(decoded)).toEqual(bytes)
      expect(encodeTransaction(decoded, { witness: false })).toEqual(
        encodeTransaction(transaction, { witness: false }),
      )
      expect(txid(decoded)).toEqual(txid(transaction))
      expect(wtxid(decoded)).toEqual(wtxid(transaction))
      expect(transactionLength(transaction)).toBe(bytes.length)
      expect(transactionLength(decoded)).toBe(bytes.length)
      expect(transactionWeight(decoded)).toBe(transactionWeight(transaction))
      expect(virtualSize(decoded)).toBe(Math.ceil(transactionWeight(transaction) / 4))
    })
    assert(law)
  })

  test('a header, in 80 bytes', () => {
    const law = property(arbitrary.header, (header) => {
      expect(encodeHeader(header)).toHaveLength(HEADER_LENGTH)
      expect(decodeHeader(encodeHeader(header))).toEqual(header)
    })
    assert(law)
  })

  test('a block', () => {
    const law = property(arbitrary.block, (block) => {
      const bytes = encodeBlock(block)
      const { header, transactions } = decodeBlock(bytes)
      expect(header).toEqual(block.header)
      expect(transactions.map((transaction) => ({ ...transaction }))).toEqual(block.transactions)
      expect(blockLength(block)).toBe(bytes.length)
    })
    assert(law)
  })

  test('a coin', () => {
    const law = property(arbitrary.coin, (coin) => {
      const writer = new ByteWriter(1)
      writeCoin(writer, coin)
      const reader = new ByteReader(writer.toBytes())
      expect(readCoin(reader)).toEqual(coin)
      reader.expectEnd()
    })
    assert(law, { numRuns: 1_000 })
  })

  test('undo data', () => {
    const law = property(arbitrary.undo, (undo) => {
      expect(decodeUndo(encodeUndo(undo))).toEqual(undo)
    })
    assert(law)
  })

  test('a Golomb-coded set', () => {
    const law = property(arbitrary.sortedNumbers, (numbers) => {
      expect([...decodeGolombSet(encodeGolombSet(numbers))]).toEqual(numbers)
    })
    assert(law)
  })

  test('a CompactSize, in the length that is stated', () => {
    const law = property(arbitrary.safeInteger, (value) => {
      const bytes = new ByteWriter(1).writeCompactSize(value).toBytes()
      expect(bytes).toHaveLength(compactSizeLength(value))
      expect(new ByteReader(bytes).readCompactSize()).toBe(value)
    })
    assert(law, { numRuns: 500 })
  })

  test('a hash, an amount and hexadecimal text', () => {
    const law = property(arbitrary.hash, arbitrary.amount, uint8Array(), (hash, amount, bytes) => {
      expect(parseHash(formatHash(hash))).toEqual(hash)
      expect(parseAmount(formatAmount(amount))).toBe(amount)
      expect(fromHex(toHex(bytes))).toEqual(bytes)
      expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes)
    })
    assert(law)
  })

  test('an address, where a script has one', () => {
    const law = property(arbitrary.script, (script) => {
      const address = formatAddress(script, 'chnd')
      if (address !== undefined) expect(parseAddress(address, 'chnd')).toEqual(script)
    })
    assert(law)
  })
})

describe('bytes', () => {
  test('have one key each', () => {
    const law = property(uint8Array(), uint8Array(), (a, b) => {
      expect(bytesKey(a) === bytesKey(b)).toBe(equalBytes(a, b))
      expect(equalBytes(a, b)).toBe(toHex(a) === toHex(b))
      expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(Buffer.compare(a, b)))
      expect(compareBytes(a, b)).toBe(-compareBytes(b, a) + 0)
    })
    assert(law)
  })

  test('are numbers and back', () => {
    const law = property(uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      expect(bigintToBytes(bigintFromBytes(bytes), bytes.length)).toEqual(bytes)
      expect(reverseBytes(reverseBytes(bytes))).toEqual(bytes)
      expect(concatBytes(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(bytes)
    })
    assert(law)
  })

  test('outpoints have one key each', () => {
    const law = property(arbitrary.outpoint, arbitrary.outpoint, arbitrary.uint32, (a, b, index) => {
      expect(outpointKey(a) === outpointKey(b)).toBe(a.index === b.index && equalBytes(a.txid, b.txid))
      expect(outpointKey(a) === outpointKey({ ...a, index })).toBe(a.index === index)
    })
    assert(law)
  })
})
