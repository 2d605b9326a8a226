import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex } from '../../../src/bytes/index.ts'
import { DecodeError, ParseError } from '../../../src/errors/index.ts'
import { encodeTransaction } from '../../../src/primitives/index.ts'
import { p2wpkhScript } from '../../../src/script/index.ts'
import {
  createPsbt,
  decodePsbt,
  encodePsbt,
  formatPsbt,
  MAX_PSBT_LENGTH,
  type Psbt,
  type PsbtField,
  parsePsbt,
} from '../../../src/wallet/index.ts'
import { refusal } from '../../refusal.ts'

const script = p2wpkhScript(new Uint8Array(20).fill(1))
const input = {
  previousOutput: { txid: new Uint8Array(32).fill(1), index: 0 },
  scriptSig: new Uint8Array(),
  sequence: 0xffffffff,
  witness: [],
}
const transaction = {
  version: 2,
  inputs: [input],
  outputs: [{ value: 1n, scriptPubKey: script }],
  lockTime: 0,
}
const psbt = createPsbt({ transaction, spent: [{ value: 2n, scriptPubKey: script }] })

function field(type: number, value: Uint8Array, keyData: Uint8Array = new Uint8Array()): PsbtField {
  return { type, keyData, value }
}

function withInput(...fields: PsbtField[]): Uint8Array {
  return encodePsbt({ ...psbt, inputs: [fields] })
}

function withGlobal(...fields: PsbtField[]): Uint8Array {
  return encodePsbt({ ...psbt, global: [...psbt.global, ...fields] })
}

function codeOf(bytes: Uint8Array): string {
  const error = refusal(() => decodePsbt(bytes))
  expect(error).toBeInstanceOf(DecodeError)
  return error.code
}

describe('a PSBT', () => {
  it('is written as it was read, unknown fields and their order included', () => {
    const bytes = withInput(
      field(0x77, fromHex('00'), fromHex('aabb')),
      field(0x70_000, fromHex('')),
      field(0x03, fromHex('01000000')),
      field(0xfc, fromHex('ff'), fromHex('0161')),
    )
    expect(encodePsbt(decodePsbt(bytes))).toEqual(bytes)
    expect(encodePsbt(parsePsbt(formatPsbt(decodePsbt(bytes))))).toEqual(bytes)
  })

  it('may state that it has version 0', () => {
    expect(decodePsbt(withGlobal(field(0xfb, new Uint8Array(4)))).transaction.version).toBe(2)
  })
})

describe('bytes that are no PSBT', () => {
  const bytes = encodePsbt(psbt)

  it.each([
    ['nothing', new Uint8Array(), 'psbt-magic-wrong'],
    ['another magic', concatBytes(fromHex('70736274fe'), bytes.subarray(5)), 'psbt-magic-wrong'],
    ['the magic alone', bytes.subarray(0, 5), 'bytes-truncated'],
    ['a missing output map', bytes.subarray(0, -1), 'bytes-truncated'],
    ['bytes after the end', concatBytes(bytes, Uint8Array.of(0)), 'bytes-left-over'],
    ['no transaction', fromHex('70736274ff00'), 'psbt-transaction-missing'],
    ['a version above 0', withGlobal(field(0xfb, Uint8Array.of(2, 0, 0, 0))), 'psbt-field-malformed'],
    ['a global field of version 2', withGlobal(field(0x02, new Uint8Array(4))), 'psbt-field-malformed'],
    ['an input field of version 2', withInput(field(0x0e, new Uint8Array(32))), 'psbt-field-malformed'],
    ['a coin that is cut off', withInput(field(0x01, new Uint8Array(8))), 'bytes-truncated'],
    ['a witness that is cut off', withInput(field(0x08, Uint8Array.of(2, 0))), 'bytes-truncated'],
    ['a previous transaction that is none', withInput(field(0x00, new Uint8Array(4))), 'bytes-truncated'],
    ['a short hash type', withInput(field(0x03, new Uint8Array(3))), 'psbt-field-malformed'],
    [
      'a signature by no key',
      withInput(field(0x02, new Uint8Array(71), new Uint8Array(33))),
      'psbt-field-malformed',
    ],
    [
      'a path of broken steps',
      withInput(field(0x16, new Uint8Array(6), new Uint8Array(32))),
      'psbt-field-malformed',
    ],
    [
      'leaves that are not there',
      withInput(field(0x16, Uint8Array.of(9), new Uint8Array(32))),
      'bytes-truncated',
    ],
    ['a long key type', concatBytes(fromHex('70736274ff02fd00')), 'bytes-truncated'],
  ])('with %s are refused', (_, broken, code) => {
    expect(codeOf(broken)).toBe(code)
  })

  it('with a transaction without inputs are refused', () => {
    const bare = encodeTransaction({ ...transaction, inputs: [] })
    const broken: Psbt = { ...psbt, global: [field(0x00, bare)], inputs: [] }
    expect(codeOf(encodePsbt(broken))).toBe('psbt-transaction-without-inputs')
  })

  it('are not looked at when there are too many', () => {
    // Views of nothing: the length alone decides.
    const long = { length: MAX_PSBT_LENGTH + 1 } as Uint8Array
    expect(codeOf(long)).toBe('psbt-too-long')
    const text = { length: MAX_PSBT_LENGTH * 2 } as unknown as string
    expect(refusal(() => parsePsbt(text)).code).toBe('psbt-too-long')
  })
})

describe('a text that is no base64', () => {
  it.each(['cHNidP8BA', 'cHNidP8 ', '%', 'cHNidP8='.repeat(2)])('is refused: %s', (text) => {
    const error = refusal(() => parsePsbt(text))
    expect(error).toBeInstanceOf(ParseError)
    expect(error.code).toBe('psbt-text-malformed')
  })
})
