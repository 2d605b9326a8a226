import { fromHex, toHex } from '@chain/core/bytes'
import {
  decodeBlock,
  decodeTransaction,
  encodeTransaction,
  formatHash,
  formatOutPoint,
  hasWitness,
  isCoinbase,
  isNullOutPoint,
  NULL_INDEX,
  parseHash,
  type Transaction,
  txid,
  virtualSize,
  wtxid,
  ZERO_HASH,
} from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'
import { refusal } from '../refusal.ts'

const input = {
  previousOutput: { txid: new Uint8Array(32).fill(7), index: 1 },
  scriptSig: new Uint8Array(),
  sequence: 0xffffffff,
  witness: [],
}
const plain: Transaction = {
  version: 2,
  inputs: [input],
  outputs: [{ value: 5n, scriptPubKey: Uint8Array.of(0x51) }],
  lockTime: 9,
}
const signed: Transaction = {
  ...plain,
  inputs: [{ ...input, witness: [Uint8Array.of(1, 2), new Uint8Array()] }],
}

const inputHex = `01${'07'.repeat(32)}0100000000ffffffff`
const outputHex = '0105000000000000000151'
const plainHex = `02000000${inputHex}${outputHex}09000000`
const signedHex = `020000000001${inputHex}${outputHex}020201020009000000`

describe('a transaction', () => {
  test('is laid out as in Bitcoin, with its witness where it has one', () => {
    expect(toHex(encodeTransaction(plain))).toBe(plainHex)
    expect(toHex(encodeTransaction(signed))).toBe(signedHex)
    expect(toHex(encodeTransaction(signed, { witness: false }))).toBe(plainHex)
  })

  test('has an id that its witness does not change, and another that it does', () => {
    expect(txid(signed)).toEqual(txid(plain))
    expect(wtxid(signed)).not.toEqual(wtxid(plain))
    expect(wtxid(plain)).toEqual(txid(plain))
    const decoded = decodeTransaction(fromHex(signedHex))
    expect([txid(decoded), wtxid(decoded)]).toEqual([txid(signed), wtxid(signed)])
  })

  test('that was read and then changed is encoded anew', () => {
    const changed = { ...decodeTransaction(fromHex(plainHex)), lockTime: 10 }
    expect(toHex(encodeTransaction(changed))).toBe(plainHex.replace(/09000000$/, '0a000000'))
    expect(txid(changed)).not.toEqual(txid(plain))
  })

  test('that was read gives out copies of its bytes', () => {
    const decoded = decodeTransaction(fromHex(plainHex))
    encodeTransaction(decoded).fill(0)
    expect(toHex(encodeTransaction(decoded))).toBe(plainHex)
  })

  test('counts a witness byte as a quarter', () => {
    expect(virtualSize(plain)).toBe(plainHex.length / 2)
    expect(virtualSize(signed)).toBe(plainHex.length / 2 + Math.ceil((2 + 5) / 4))
  })

  test('knows whether it has a witness', () => {
    expect(hasWitness(plain)).toBe(false)
    expect(hasWitness(signed)).toBe(true)
  })

  test('is a coinbase when its only input names nothing', () => {
    const previousOutput = { txid: ZERO_HASH, index: NULL_INDEX }
    expect(isCoinbase({ ...plain, inputs: [{ ...input, previousOutput }] })).toBe(true)
    expect(isCoinbase({ ...plain, inputs: [{ ...input, previousOutput }, input] })).toBe(false)
    expect(isCoinbase(plain)).toBe(false)
    expect(isCoinbase({ ...plain, inputs: [] })).toBe(false)
  })
})

test('short witness items, of which a block has room for millions, are not made again and again', () => {
  const witness = [[], [7], [7], [], [7, 8]].map((bytes) => Uint8Array.from(bytes))
  const input = {
    previousOutput: { txid: new Uint8Array(32), index: 0 },
    scriptSig: new Uint8Array(),
    sequence: 0,
    witness,
  }
  const outputs = [{ value: 1n, scriptPubKey: new Uint8Array() }]
  const bytes = encodeTransaction({ version: 2, inputs: [input], outputs, lockTime: 0 })
  const read = decodeTransaction(bytes).inputs[0]?.witness ?? []
  expect(read).toEqual(witness)
  expect(read[0]).toBe(read[3])
  expect(read[1]).toBe(read[2])
})

describe('bytes that are no transaction', () => {
  test.each([
    ['nothing', '', 'bytes-truncated'],
    ['a byte behind', `${plainHex}00`, 'bytes-left-over'],
    ['a byte too few', plainHex.slice(0, -2), 'bytes-truncated'],
    ['a flag of 0', '0200000000000000000000', 'transaction-flag-unknown'],
    ['a flag of 2', signedHex.replace('0001', '0002'), 'transaction-flag-unknown'],
    [
      'a witness that is announced and empty',
      signedHex.replace('0202010200', '00'),
      'transaction-witness-superfluous',
    ],
    ['a witness without inputs', `02000000000100${outputHex}09000000`, 'transaction-witness-superfluous'],
    ['more inputs than there is room for', '02000000fdffff', 'bytes-truncated'],
    ['a count in a long form', plainHex.replace('0200000001', '02000000fd0100'), 'compact-size-not-minimal'],
    [
      'a script longer than the rest',
      plainHex.replace('0100000000ffffffff', '01000000feffffff7fffffffff'),
      'bytes-truncated',
    ],
  ])('%s', (_, hex, code) => {
    expect(refusal(() => decodeTransaction(fromHex(hex)))).toMatchObject({ name: 'DecodeError', code })
  })

  test('a block with more transactions than there is room for', () => {
    const header = '00'.repeat(80)
    expect(refusal(() => decodeBlock(fromHex(`${header}feffffff7f`))).code).toBe('bytes-truncated')
  })
})

describe('the text of a hash', () => {
  const text = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206'

  test('is reversed', () => {
    expect(parseHash(text)[31]).toBe(0x0f)
    expect(formatHash(parseHash(text))).toBe(text)
    expect(formatHash(parseHash(text.toUpperCase()))).toBe(text)
  })

  test.each(['', text.slice(1), `${text}0`, `${text.slice(1)}g`, `${text}\n`])('refuses %j', (bad) => {
    expect(refusal(() => parseHash(bad))).toMatchObject({ name: 'ParseError', code: 'hash-malformed' })
  })
})

describe('an outpoint', () => {
  test('is written with its index', () => {
    expect(formatOutPoint(input.previousOutput)).toBe(`${'07'.repeat(32)}:1`)
  })

  test('is null when both of its parts are', () => {
    expect(isNullOutPoint({ txid: ZERO_HASH, index: NULL_INDEX })).toBe(true)
    expect(isNullOutPoint({ txid: ZERO_HASH, index: 0 })).toBe(false)
    expect(isNullOutPoint({ txid: new Uint8Array(32).fill(1), index: NULL_INDEX })).toBe(false)
  })
})
