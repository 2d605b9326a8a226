import { ByteReader, type Bytes, ByteWriter, concatBytes, fromHex, toHex } from '@chain/core/bytes'
import { decodeUndo, encodeUndo, readCoin, readVarint, writeCoin, writeVarint } from '@chain/core/chain'
import { formatChainSpec, loadNetwork, networkNames, parseChainSpec } from '@chain/core/consensus'
import { decodeStrictDer, signEcdsa, verifyEcdsa, verifySchnorr } from '@chain/core/crypto'
import { type ChainError, DecodeError, ParseError } from '@chain/core/errors'
import { decodeGolombSet, encodeGolombSet, matchFilter } from '@chain/core/filters'
import { decodeMempool, encodeMempool } from '@chain/core/mempool'
import {
  blockHash,
  decodeBlock,
  decodeBlockTransactions,
  decodeBlockTransactionsRequest,
  decodeCompactBlock,
  decodeHeader,
  decodeMerkleBlock,
  decodeTransaction,
  encodeBlock,
  encodeBlockTransactions,
  encodeBlockTransactionsRequest,
  encodeCompactBlock,
  encodeHeader,
  encodeMerkleBlock,
  encodeTransaction,
  formatHash,
  parseHash,
  verifyMerkleBlock,
} from '@chain/core/primitives'
import { classifyScript, countSigops, formatAddress, parseAddress } from '@chain/core/script'
import { testKey } from '@chain/core/testing'
import { formatAmount, parseAmount } from '@chain/core/units'
import {
  type Arbitrary,
  assert,
  constantFrom,
  json,
  nat,
  oneof,
  property,
  record,
  string,
  uint8Array,
  uniqueArray,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { damaged, damagedText, fuzzRuns, fuzzTimeout } from './arbitraries/mutations.ts'
import * as arbitrary from './arbitraries/primitives.ts'

interface BytesDecoder {
  readonly name: string
  /** Encodings to damage. */
  readonly valid: Arbitrary<Bytes>
  /** Decodes, and encodes what it got from its plain fields. */
  readonly roundTrip: (bytes: Bytes) => Bytes
}

const decoders: readonly BytesDecoder[] = [
  {
    name: 'transaction',
    valid: arbitrary.transaction.map((transaction) => encodeTransaction(transaction)),
    roundTrip: (bytes) => encodeTransaction({ ...decodeTransaction(bytes) }),
  },
  {
    name: 'header',
    valid: arbitrary.header.map(encodeHeader),
    roundTrip: (bytes) => encodeHeader(decodeHeader(bytes)),
  },
  {
    name: 'block',
    valid: arbitrary.block.map(encodeBlock),
    roundTrip: (bytes) => {
      const { header, transactions } = decodeBlock(bytes)
      return encodeBlock({ header, transactions: transactions.map((transaction) => ({ ...transaction })) })
    },
  },
  {
    name: 'Merkle block',
    valid: arbitrary.merkleBlock.map(encodeMerkleBlock),
    roundTrip: (bytes) => {
      const message = decodeMerkleBlock(bytes)
      verifyMerkleBlock(message)
      return encodeMerkleBlock(message)
    },
  },
  {
    name: 'compact block',
    valid: arbitrary.compactBlock.map(encodeCompactBlock),
    roundTrip: (bytes) => {
      const { prefilled, ...rest } = decodeCompactBlock(bytes)
      const plain = prefilled.map(({ index, transaction }) => ({ index, transaction: { ...transaction } }))
      return encodeCompactBlock({ ...rest, prefilled: plain })
    },
  },
  {
    name: 'question for transactions of a block',
    valid: record({ block: uint8Array({ minLength: 32, maxLength: 32 }), places: uniqueArray(nat(0xffff)) })
      .map(({ block, places }) => ({ block, indexes: places.sort((a, b) => a - b) }))
      .map(encodeBlockTransactionsRequest),
    roundTrip: (bytes) => encodeBlockTransactionsRequest(decodeBlockTransactionsRequest(bytes)),
  },
  {
    name: 'transactions of a block',
    valid: arbitrary.block
      .map(({ header, transactions }) => ({ block: blockHash(header), transactions }))
      .map(encodeBlockTransactions),
    roundTrip: (bytes) => {
      const { block, transactions } = decodeBlockTransactions(bytes)
      const plain = transactions.map((transaction) => ({ ...transaction }))
      return encodeBlockTransactions({ block, transactions: plain })
    },
  },
  {
    name: 'coin',
    valid: arbitrary.coin.map((coin) => written((writer) => writeCoin(writer, coin))),
    roundTrip: (bytes) => {
      const coin = readAll(bytes, readCoin)
      return written((writer) => writeCoin(writer, coin))
    },
  },
  {
    name: 'varint',
    valid: arbitrary.safeInteger.map((value) => written((writer) => writeVarint(writer, value))),
    roundTrip: (bytes) => {
      const value = readAll(bytes, readVarint)
      return written((writer) => writeVarint(writer, value))
    },
  },
  {
    name: 'CompactSize',
    valid: arbitrary.safeInteger.map((value) => written((writer) => writer.writeCompactSize(value))),
    roundTrip: (bytes) => {
      const value = readAll(bytes, (reader) => reader.readCompactSize())
      return written((writer) => writer.writeCompactSize(value))
    },
  },
  {
    name: 'undo data',
    valid: arbitrary.undo.map(encodeUndo),
    roundTrip: (bytes) => encodeUndo(decodeUndo(bytes)),
  },
  {
    name: 'saved mempool',
    valid: arbitrary.savedMempool.map((saved) => concatBytes(...encodeMempool(saved))),
    roundTrip: (bytes) => concatBytes(...encodeMempool(decodeMempool(bytes))),
  },
  {
    name: 'Golomb-coded set',
    valid: arbitrary.sortedNumbers.map(encodeGolombSet),
    roundTrip: (bytes) => encodeGolombSet([...decodeGolombSet(bytes)]),
  },
]

describe.each(decoders)('damaged bytes of a $name', ({ valid, roundTrip }) => {
  test(
    'are refused with the decode error, or read to what encodes to the same bytes',
    () => {
      const law = property(damaged(valid), (bytes) => {
        const result = attempt(() => roundTrip(bytes))
        if (result instanceof Error) expect(result).toBeInstanceOf(DecodeError)
        else expect(toHex(result)).toBe(toHex(bytes))
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})

interface TextParser {
  readonly name: string
  readonly valid: Arbitrary<string>
  /** Parses, and formats what it got. */
  readonly roundTrip: (text: string) => string
  /** The one form of a text among those that mean the same. */
  readonly canonical: (text: string) => string
}

const specTexts = networkNames.map((name) => formatChainSpec(loadNetwork(name)))

const parsers: readonly TextParser[] = [
  {
    name: 'hexadecimal text',
    valid: uint8Array({ maxLength: 40 }).map(toHex),
    roundTrip: (text) => toHex(fromHex(text)),
    canonical: (text) => text.toLowerCase(),
  },
  {
    name: 'hash',
    valid: arbitrary.hash.map(formatHash),
    roundTrip: (text) => formatHash(parseHash(text)),
    canonical: (text) => text.toLowerCase(),
  },
  {
    name: 'amount',
    valid: arbitrary.amount.map(formatAmount),
    roundTrip: (text) => formatAmount(parseAmount(text)),
    canonical: (text) => {
      const [whole = '', fraction = ''] = text.split('.')
      return `${BigInt(whole)}.${fraction.padEnd(8, '0')}`
    },
  },
  {
    name: 'address',
    valid: arbitrary.script.map((script) => formatAddress(script, 'chnd') ?? 'chnd1'),
    roundTrip: (text) => formatAddress(parseAddress(text, 'chnd'), 'chnd') ?? '',
    canonical: (text) => text.toLowerCase(),
  },
  {
    name: 'chain spec',
    valid: oneof(constantFrom(...specTexts), changedSpec()),
    roundTrip: (text) => formatChainSpec(parseChainSpec(text)),
    canonical: (text) => formatChainSpec(parseChainSpec(formatChainSpec(parseChainSpec(text)))),
  },
]

describe.each(parsers)('the damaged text of a $name', ({ valid, roundTrip, canonical }) => {
  test(
    'is refused with the parse error, or read to what formats to the same text',
    () => {
      const law = property(oneof(damagedText(valid), valid, string()), (text) => {
        const result = attempt(() => roundTrip(text))
        if (result instanceof Error) expect(result).toBeInstanceOf(ParseError)
        else expect(result).toBe(canonical(text))
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})

describe('noise', () => {
  const key = testKey('fuzz')
  const digest = new Uint8Array(32).fill(7)
  const signature = signEcdsa(digest, key.privateKey)

  test(
    'is never a signature, and never more than false',
    () => {
      const law = property(
        damaged(constantFrom(signature)),
        damaged(constantFrom(key.publicKey)),
        (bytes, other) => {
          expect(verifyEcdsa(digest, key.publicKey, bytes)).toBe(toHex(bytes) === toHex(signature))
          expect(verifyEcdsa(digest, other, signature)).toBe(toHex(other) === toHex(key.publicKey))
          expect(verifySchnorr(digest, other, bytes)).toBe(false)
          expect([undefined, 64]).toContain(decodeStrictDer(bytes)?.length)
        },
      )
      assert(law, { numRuns: Math.ceil(fuzzRuns / 20) })
    },
    fuzzTimeout,
  )

  test(
    'is a filter that matches or is refused with the decode error',
    () => {
      const valid = arbitrary.sortedNumbers.map(encodeGolombSet)
      const law = property(damaged(valid), arbitrary.hash, arbitrary.script, (filter, hash, script) => {
        const result = attempt(() => matchFilter(filter, hash, [script]))
        if (result instanceof Error) expect(result).toBeInstanceOf(DecodeError)
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )

  test(
    'is a script of some kind, with a number of signature operations',
    () => {
      const law = property(damaged(arbitrary.script), (script) => {
        expect(['p2wpkh', 'p2tr', 'null-data', 'other']).toContain(classifyScript(script).type)
        expect(countSigops(script)).toBeGreaterThanOrEqual(0)
      })
      assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})

/** The result, or the error where it is one of ours; anything else is a failure of the test. */
function attempt<Result>(run: () => Result): Result | ChainError {
  try {
    return run()
  } catch (error) {
    if (error instanceof DecodeError || error instanceof ParseError) return error
    throw error
  }
}

function written(write: (writer: ByteWriter) => unknown): Uint8Array {
  const writer = new ByteWriter(16)
  write(writer)
  return writer.toBytes()
}

function readAll<Value>(bytes: Bytes, read: (reader: ByteReader) => Value): Value {
  const reader = new ByteReader(bytes)
  const value = read(reader)
  reader.expectEnd()
  return value
}

/** A chain spec with one field replaced by any JSON. */
function changedSpec(): Arbitrary<string> {
  const fields = [
    'name',
    'addressPrefix',
    'magic',
    'ports',
    'bootnodes',
    'rendezvous',
    'consensus',
    '__proto__',
  ]
  const inner = [
    'genesis',
    'spacing',
    'difficulty',
    'powLimit',
    'subsidy',
    'halvingInterval',
    'filterCommitment',
  ]
  const change = record({
    text: constantFrom(...specTexts),
    field: constantFrom(...fields, ...inner),
    value: oneof(
      json(),
      constantFrom('1', '0', '-1', '""', '{}', '[]', 'null', '1e400', '"00"', '"20800000"'),
    ),
  })
  return change.map(({ text, field, value }) => {
    const document = JSON.parse(text) as Record<string, unknown>
    const target = inner.includes(field) ? (document.consensus as Record<string, unknown>) : document
    Object.defineProperty(target, field, { value: JSON.parse(value), enumerable: true, configurable: true })
    return JSON.stringify(document)
  })
}
