/**
 * The fields of a PSBT: their types, and the form that key data and value must have.
 *
 * Fields for scripts that chain does not run are checked for their form as far as the lengths say it and passed on
 * unread. Types that are not listed belong to others and are passed on as they are.
 *
 * Source: BIP174, "Specification"; BIP371 (taproot); BIP370 (fields that only version 2 may hold)
 */
import { ByteReader, type Bytes } from '../../bytes/index.ts'
import { isCompressedPublicKey } from '../../crypto/index.ts'
import { DecodeError } from '../../errors/index.ts'
import { decodeTransaction, type TransactionOutput } from '../../primitives/index.ts'
import type { PsbtField, PsbtMap } from './psbt-map.ts'

/** Types of fields that stand in the map of the whole. */
export const psbtGlobal = { transaction: 0x00, version: 0xfb } as const

/** Types of fields that stand in the map of an input. */
export const psbtInput = {
  previousTransaction: 0x00,
  coin: 0x01,
  partialSignature: 0x02,
  hashType: 0x03,
  redeemScript: 0x04,
  witnessScript: 0x05,
  keyOrigin: 0x06,
  finalScriptSig: 0x07,
  finalWitness: 0x08,
  taprootSignature: 0x13,
  taprootKeyOrigin: 0x16,
  taprootInternalKey: 0x17,
  taprootMerkleRoot: 0x18,
} as const

/** Types of fields that stand in the map of an output. */
export const psbtOutput = { keyOrigin: 0x02, taprootInternalKey: 0x05, taprootKeyOrigin: 0x07 } as const

/** The form of a field: each function says whether the bytes have it, or throws a {@link DecodeError} itself. */
interface FieldForm {
  readonly key: (keyData: Bytes) => boolean
  readonly value: (value: Bytes) => boolean
}

/** Which map a field stands in. */
export type PsbtMapKind = 'global' | 'input' | 'output'

const anything = (): boolean => true
const nothing = (bytes: Bytes): boolean => bytes.length === 0
const something = (bytes: Bytes): boolean => bytes.length > 0
const ofLength =
  (...lengths: readonly number[]) =>
  (bytes: Bytes): boolean =>
    lengths.includes(bytes.length)

const alone = (value: FieldForm['value']): FieldForm => ({ key: nothing, value })

/** A field of version 2: it may not stand in a PSBT of version 0. With key data the type means something else. */
const versionTwo: FieldForm = { key: something, value: anything }

const keyOriginField: FieldForm = { key: isPublicKey, value: isOrigin }
const taprootKeyOriginField: FieldForm = { key: ofLength(32), value: isTaprootOrigin }
const signatureLengths = ofLength(64, 65)

const forms: Readonly<Record<PsbtMapKind, ReadonlyMap<number, FieldForm>>> = {
  global: new Map([
    [psbtGlobal.transaction, alone(something)],
    [0x01, { key: ofLength(78), value: isOrigin }],
    ...numbers(0x02, 0x06).map((type) => [type, versionTwo] as const),
    [psbtGlobal.version, alone(isVersionZero)],
  ]),
  input: new Map([
    [psbtInput.previousTransaction, alone(isTransaction)],
    [psbtInput.coin, alone(isOutput)],
    // Source: BIP66, "Specification" (9 to 73 bytes, hash type included).
    [psbtInput.partialSignature, { key: isPublicKey, value: ({ length }) => length >= 9 && length <= 73 }],
    [psbtInput.hashType, alone(ofLength(4))],
    [psbtInput.redeemScript, alone(anything)],
    [psbtInput.witnessScript, alone(anything)],
    [psbtInput.keyOrigin, keyOriginField],
    [psbtInput.finalScriptSig, alone(anything)],
    [psbtInput.finalWitness, alone(isWitness)],
    [0x09, alone(anything)],
    // Preimages by RIPEMD-160, SHA-256, HASH160 and HASH256.
    ...[20, 32, 20, 32].map((length, at) => [0x0a + at, { key: ofLength(length), value: anything }] as const),
    ...numbers(0x0e, 0x12).map((type) => [type, versionTwo] as const),
    [psbtInput.taprootSignature, alone(signatureLengths)],
    // By key and leaf.
    [0x14, { key: ofLength(64), value: signatureLengths }],
    // By control block.
    [0x15, { key: isControlBlock, value: something }],
    [psbtInput.taprootKeyOrigin, taprootKeyOriginField],
    [psbtInput.taprootInternalKey, alone(ofLength(32))],
    [psbtInput.taprootMerkleRoot, alone(ofLength(32))],
  ]),
  output: new Map([
    [0x00, alone(anything)],
    [0x01, alone(anything)],
    [psbtOutput.keyOrigin, keyOriginField],
    ...numbers(0x03, 0x04).map((type) => [type, versionTwo] as const),
    [psbtOutput.taprootInternalKey, alone(ofLength(32))],
    [0x06, alone(something)],
    [psbtOutput.taprootKeyOrigin, taprootKeyOriginField],
  ]),
}

/**
 * Checks the form of all fields of a map that are known here.
 *
 * @throws {DecodeError} `psbt-field-malformed`, and `bytes-*`, `compact-size-*`, `transaction-*` of what stands in a field
 */
export function checkPsbtFields(kind: PsbtMapKind, map: PsbtMap): void {
  for (const { type, keyData, value } of map) {
    const form = forms[kind].get(type)
    if (form !== undefined && !(form.key(keyData) && form.value(value))) throw malformed(kind, type)
  }
}

/** Whether a field may stand in the map of a finalised input: what it spends, and what nobody here understands. */
export function outlivesFinal({ type }: PsbtField): boolean {
  const isKnown = forms.input.has(type)
  return !isKnown || type === psbtInput.previousTransaction || type === psbtInput.coin
}

function malformed(kind: PsbtMapKind, type: number): DecodeError {
  const message = `The ${kind} field of type ${type} is not what a PSBT of version 0 may hold.`
  return new DecodeError('psbt-field-malformed', message, { kind, type })
}

/** The output in a coin field. @throws {DecodeError} `bytes-*`, `compact-size-*` */
export function decodePsbtCoin(value: Bytes): TransactionOutput {
  const reader = new ByteReader(value)
  const output = { value: reader.readInt64(), scriptPubKey: reader.readVarBytes() }
  reader.expectEnd()
  return output
}

/** The stack in a field of a final witness. @throws {DecodeError} `bytes-*`, `compact-size-*` */
export function decodePsbtWitness(value: Bytes): Bytes[] {
  const reader = new ByteReader(value)
  const count = reader.readCount(1)
  const items = Array.from({ length: count }, () => reader.readVarBytes())
  reader.expectEnd()
  return items
}

function isTransaction(value: Bytes): boolean {
  return decodeTransaction(value).inputs.length > 0
}

function isOutput(value: Bytes): boolean {
  return decodePsbtCoin(value).scriptPubKey.length >= 0
}

function isWitness(value: Bytes): boolean {
  return decodePsbtWitness(value).length >= 0
}

function isVersionZero(value: Bytes): boolean {
  return value.length === 4 && value.every((byte) => byte === 0)
}

function isPublicKey(bytes: Bytes): boolean {
  return isCompressedPublicKey(bytes) || (bytes.length === 65 && bytes[0] === 0x04)
}

/** Fingerprint and path. */
function isOrigin({ length }: Bytes): boolean {
  return length >= 4 && length % 4 === 0
}

/** Hashes of the leaves that the key opens, then fingerprint and path. */
function isTaprootOrigin(value: Bytes): boolean {
  const reader = new ByteReader(value)
  reader.readBytes(32 * reader.readCount(32))
  return isOrigin({ length: reader.remaining } as Bytes)
}

/** Leaf version, internal key, path of at most 128 hashes. Source: BIP341, "Script validation rules". */
function isControlBlock({ length }: Bytes): boolean {
  return length >= 33 && length <= 33 + 32 * 128 && (length - 33) % 32 === 0
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at)
}
