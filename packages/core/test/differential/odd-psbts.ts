/** PSBTs with fields that hardly anybody writes: of every known type, in the form that it should have, or close to it. */
import { pointFromScalar } from '@bitcoinerlab/secp256k1'
import { ByteWriter, concatBytes } from '@chain/core/bytes'
import { encodeTransaction, writeOutput } from '@chain/core/primitives'
import type { Psbt, PsbtField, PsbtMap } from '@chain/core/wallet'
import {
  type Arbitrary,
  array,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  tuple,
  uint8Array,
} from 'fast-check'
import * as arbitrary from '../arbitraries/primitives.ts'
import { psbts } from '../wallet/psbt/psbts.ts'

const { bytes } = arbitrary

const empty = constant(new Uint8Array())

/** Points of the curve in both forms. */
const points: Arbitrary<Uint8Array> = tuple(integer({ min: 1, max: 254 }), constantFrom(true, false)).map(
  ([scalar, isCompressed]) => pointFromScalar(new Uint8Array(32).fill(scalar), isCompressed) as Uint8Array,
)

/** Bytes with the form of a key, or close to it: half of the compressed ones are points. */
const keyLike: Arbitrary<Uint8Array> = tuple(
  integer({ min: 0x01, max: 0x05 }),
  oneof(bytes(32), bytes(64)),
).map(([first, rest]) => concatBytes(Uint8Array.of(first), rest))

const keys: Arbitrary<Uint8Array> = oneof(points, keyLike)

/** 32 bytes, half of them the first coordinate of a point. */
const xOnlyKeys: Arbitrary<Uint8Array> = keys.map((key) => key.subarray(1, 33))

const keysAndLeaves: Arbitrary<Uint8Array> = tuple(xOnlyKeys, bytes(32)).map((parts) => concatBytes(...parts))

const controlBlocks: Arbitrary<Uint8Array> = tuple(constantFrom(0, 1, 2, 127, 128, 129), xOnlyKeys).map(
  ([hashes, key]) => concatBytes(Uint8Array.of(0xc0), key, new Uint8Array(32 * hashes)),
)

const extendedKeys: Arbitrary<Uint8Array> = tuple(bytes(45), keys).map(([head, key]) =>
  concatBytes(head, key.subarray(0, 33)),
)

const encodedOutputs: Arbitrary<Uint8Array> = arbitrary.output.map((output) => {
  const writer = new ByteWriter()
  writeOutput(writer, output)
  return writer.toBytes()
})

const transactions: Arbitrary<Uint8Array> = arbitrary.transaction.map((transaction) =>
  encodeTransaction(transaction),
)

const hashTypes: Arbitrary<Uint8Array> = constantFrom(
  ...[0, 1, 3, 0x81].map((type) => Uint8Array.of(type, 0, 0, 0)),
)

/** Of 8 to 74 bytes: the least and the most that a signature has, and one more. */
const signatures: Arbitrary<Uint8Array> = uint8Array({ minLength: 8, maxLength: 74 })

const schnorrSignatures: Arbitrary<Uint8Array> = oneof(bytes(64), bytes(65))

const witnesses: Arbitrary<Uint8Array> = array(uint8Array({ maxLength: 80 }), { maxLength: 3 }).map(
  (items) => {
    const writer = new ByteWriter().writeCompactSize(items.length)
    for (const item of items) writer.writeVarBytes(item)
    return writer.toBytes()
  },
)

/** Scripts with the version of their leaf. */
const leaves: Arbitrary<Uint8Array> = tuple(uint8Array({ maxLength: 40 }), constantFrom(0xc0, 0xc2)).map(
  ([script, version]) => concatBytes(script, Uint8Array.of(version)),
)

/** Leaves of a tree of scripts: depth, version, and a script with its length. */
const trees: Arbitrary<Uint8Array> = array(
  tuple(integer({ min: 0, max: 2 }), uint8Array({ maxLength: 5 })).map(([depth, script]) =>
    concatBytes(Uint8Array.of(depth, 0xc0, script.length), script),
  ),
  { maxLength: 4 },
).map((parts) => concatBytes(...parts))

/** Fingerprint and path, or nothing. */
const origins: Arbitrary<Uint8Array> = integer({ min: 0, max: 4 }).chain((steps) => bytes(4 * steps))

const taprootOrigins: Arbitrary<Uint8Array> = tuple(constantFrom(0, 1, 2), origins).map(([hashes, origin]) =>
  concatBytes(Uint8Array.of(hashes), new Uint8Array(32 * hashes), origin),
)

function fieldsOf(
  type: number,
  keyData: Arbitrary<Uint8Array>,
  value: Arbitrary<Uint8Array>,
): Arbitrary<PsbtField> {
  return record({ type: constant(type), keyData, value })
}

/** Fields as they should be in one of the maps. */
const formedFields: Arbitrary<PsbtField> = oneof(
  fieldsOf(0x00, empty, transactions),
  fieldsOf(0x01, empty, encodedOutputs),
  fieldsOf(0x01, extendedKeys, origins),
  fieldsOf(0x02, keys, signatures),
  fieldsOf(0x02, keys, origins),
  fieldsOf(0x03, empty, hashTypes),
  fieldsOf(0x05, empty, xOnlyKeys),
  fieldsOf(0x06, keys, origins),
  fieldsOf(0x06, empty, trees),
  fieldsOf(0x07, xOnlyKeys, taprootOrigins),
  fieldsOf(0x08, empty, witnesses),
  fieldsOf(0x13, empty, schnorrSignatures),
  fieldsOf(0x14, keysAndLeaves, schnorrSignatures),
  fieldsOf(0x15, controlBlocks, leaves),
  fieldsOf(0x16, xOnlyKeys, taprootOrigins),
  fieldsOf(0x17, empty, xOnlyKeys),
)

/** Fields of all types that have a meaning, and of some that have none, with what belongs to others. */
const mixedFields: Arbitrary<PsbtField> = record({
  type: oneof(
    { arbitrary: integer({ min: 0, max: 0x22 }), weight: 8 },
    constantFrom(0x35, 0xfb, 0xfc, 0xfd, 0x100, 0x10000, 2 ** 32),
  ),
  keyData: oneof(
    { arbitrary: empty, weight: 4 },
    keys,
    xOnlyKeys,
    keysAndLeaves,
    controlBlocks,
    extendedKeys,
    uint8Array({ maxLength: 100 }),
  ),
  value: oneof(
    empty,
    transactions,
    encodedOutputs,
    hashTypes,
    signatures,
    schnorrSignatures,
    witnesses,
    leaves,
    trees,
    origins,
    taprootOrigins,
    xOnlyKeys,
  ),
})

const fields: Arbitrary<PsbtField> = oneof(formedFields, mixedFields)

/** PSBTs of payments with such fields among the others. */
export const oddPsbts: Arbitrary<Psbt> = record({
  psbt: psbts,
  added: array(record({ place: nat(), field: fields }), { minLength: 1, maxLength: 3 }),
}).map(({ psbt, added }) => added.reduce((result, { place, field }) => withField(result, place, field), psbt))

function withField(psbt: Psbt, place: number, field: PsbtField): Psbt {
  const at = place % (1 + psbt.inputs.length + psbt.outputs.length)
  const add = (maps: readonly PsbtMap[], first: number): PsbtMap[] =>
    maps.map((map, index) => (first + index === at ? [...map, field] : map))
  return {
    ...psbt,
    global: at === 0 ? [...psbt.global, field] : psbt.global,
    inputs: add(psbt.inputs, 1),
    outputs: add(psbt.outputs, 1 + psbt.inputs.length),
  }
}
