/**
 * The libraries that reading PSBTs is compared with, and every known way in which they read a field otherwise than we.
 *
 * A disagreement is excused when it goes away with the fields that have a reason here: what is left, all read alike.
 *
 * Source: BIP174, "Specification"; BIP370; BIP371
 */
import { isPoint, isXOnlyPoint } from '@bitcoinerlab/secp256k1'
import { ByteReader, type Bytes, ByteWriter, concatBytes, equalBytes, toHex } from '@chain/core/bytes'
import { DecodeError } from '@chain/core/errors'
import { combinePsbts, decodePsbt, encodePsbt, type PsbtField } from '@chain/core/wallet'
import { RawPSBTV0 } from '@scure/btc-signer/psbt.js'
import { Psbt as JsPsbt } from 'bitcoinjs-lib'

/** Whether a field is one that a library reads otherwise; its type is the first byte of its key. */
type IsOdd = (field: PsbtField) => boolean

/** By type, in the map of the whole, of an input, and of an output. */
type OddFields = readonly [global: Map<number, IsOdd>, input: Map<number, IsOdd>, output: Map<number, IsOdd>]

/** What was read. */
interface Reading {
  /** Written again. */
  readonly encoded: Uint8Array
  /** Inputs and outputs of the transaction to sign. */
  readonly inputs: number
  readonly outputs: number
}

/** One of the libraries. */
export interface PsbtLibrary {
  readonly read: (bytes: Uint8Array) => Reading
  /** Fields that we read, and that it refuses or changes. */
  readonly refuses: OddFields
  /** Fields that we refuse, and that it reads. */
  readonly reads: OddFields
  /** Whether it reads a PSBT that so much follows. */
  readonly readsBefore: (rest: Bytes) => boolean
  /** Why we refuse, where it reads and no field is at fault. */
  readonly refusals: readonly string[]
}

const always: IsOdd = () => true
const hasKeyData: IsOdd = ({ keyData }) => keyData.length > 0
const keyIsNoPoint: IsOdd = ({ keyData }) => !isPoint(keyData)
const keyIsNoXOnlyPoint: IsOdd = ({ keyData }) => !isXOnlyPoint(keyData.subarray(0, 32))
const valueIsNoXOnlyPoint: IsOdd = ({ value }) => !isXOnlyPoint(value)

/** BIP341 writes the version of a leaf into the control block, and BIP371 once more after the script. */
const leafVersionsDiffer: IsOdd = ({ keyData, value }) => ((keyData[0] ?? 0) & 0xfe) !== value.at(-1)

function types(first: number, last: number, isOdd: IsOdd): [number, IsOdd][] {
  return Array.from({ length: last - first + 1 }, (_, at) => [first + at, isOdd])
}

const scure: PsbtLibrary = {
  read: (bytes) => {
    const psbt = RawPSBTV0.decode(bytes)
    const { inputs, outputs } = psbt.global.unsignedTx ?? { inputs: [], outputs: [] }
    return { encoded: RawPSBTV0.encode(psbt), inputs: inputs.length, outputs: outputs.length }
  },
  refuses: [
    new Map([
      // It reads the extended key, and compares its depth with the path. It concerns nothing here.
      [0x01, always],
      // Fields of version 2 may not have key data; BIP174's own example of an unknown field has such a key.
      ...types(0x02, 0x06, hasKeyData),
      // Fields of BIP322 and BIP375, which we do not know.
      ...types(0x07, 0x09, always),
      // It reads the key of a proprietary field, which is the business of its owner.
      [0xfc, always],
    ]),
    new Map([
      // We check the form of a key, not that it is a point, here and below.
      [0x02, keyIsNoPoint],
      [0x06, keyIsNoPoint],
      // It wants a final witness to have items; we read the empty stack as what it is.
      [0x08, ({ value }) => value.length === 1],
      ...types(0x0e, 0x12, hasKeyData),
      [0x14, keyIsNoXOnlyPoint],
      // We do not spend by scripts, and pass on the leaf.
      [0x15, leafVersionsDiffer],
      [0x16, keyIsNoXOnlyPoint],
      [0x17, valueIsNoXOnlyPoint],
      // Fields of BIP372, BIP373, BIP375 and BIP376, which we do not know.
      ...types(0x19, 0x20, always),
      [0xfc, always],
    ]),
    new Map([
      [0x02, keyIsNoPoint],
      ...types(0x03, 0x04, hasKeyData),
      [0x05, valueIsNoXOnlyPoint],
      // It reads the tree, and wants it whole. We do not pay to trees, and pass it on.
      [0x06, always],
      [0x07, keyIsNoXOnlyPoint],
      // Fields of BIP353, BIP373 and BIP375, which we do not know.
      ...types(0x08, 0x0a, always),
      [0x35, always],
      [0xfc, always],
    ]),
  ],
  reads: [
    new Map(),
    new Map([
      // It does not look at a partial signature, which BIP66 lets have 9 to 73 bytes.
      [0x02, ({ value }) => value.length < 9 || value.length > 73],
    ]),
    new Map(),
  ],
  // One empty map may follow the last, as an old version of another library wrote it.
  readsBefore: (rest) => equalBytes(rest, Uint8Array.of(0)),
  refusals: [],
}

/** It takes the first byte of a key for the type, and does not miss the others of a longer type. */
const cutTypes = [2, 4, 8].flatMap((length, at) =>
  types(0xfd + at, 0xfd + at, ({ keyData }) => keyData.length < length),
)

/** It does not ask whether the first byte of a key fits its length. */
const lengthMisfits: IsOdd = ({ keyData }) => (keyData[0] === 0x04) !== (keyData.length === 65)

const bitcoinJs: PsbtLibrary = {
  read: (bytes) => {
    const psbt = JsPsbt.fromBuffer(bytes)
    return { encoded: psbt.toBuffer(), inputs: psbt.data.inputs.length, outputs: psbt.data.outputs.length }
  },
  refuses: [
    new Map([
      // It looks at the first byte of the public key in the extended key. It concerns nothing here.
      [0x01, ({ keyData }) => keyData[45] !== 0x02 && keyData[45] !== 0x03],
    ]),
    new Map([
      // It reads the message of a proof of reserves as UTF-8, and writes U+FFFD for what is none.
      [0x09, ({ value }) => !equalBytes(new TextEncoder().encode(new TextDecoder().decode(value)), value)],
      [0x15, leafVersionsDiffer],
    ]),
    // It reads the tree.
    new Map([[0x06, always]]),
  ],
  reads: [
    // It does not know version 2, nor the field that says which version it is.
    new Map([...types(0x02, 0x06, always), [0xfb, always], ...cutTypes]),
    new Map([
      // It does not look into the previous transaction and the final witness.
      [0x00, always],
      [0x08, always],
      // Nor at a partial signature.
      [0x02, (field) => field.value.length < 9 || field.value.length > 73 || lengthMisfits(field)],
      // It takes the first four bytes for the hash type.
      [0x03, ({ value }) => value.length > 4],
      // It does not know preimages and version 2.
      ...types(0x0a, 0x12, always),
      // It does not ask whether a control block has a key, and not too many hashes.
      [0x15, ({ keyData }) => keyData.length === 1 || keyData.length > 33 + 32 * 128],
      ...cutTypes,
    ]),
    new Map([
      ...types(0x03, 0x04, always),
      // A tree without leaves.
      [0x06, ({ value }) => value.length === 0],
      ...cutTypes,
    ]),
  ],
  // It does not ask what follows the end.
  readsBefore: () => true,
  // It reads a CompactSize in any form, and takes one above 2^53 - 1 for 0.
  refusals: ['compact-size-not-minimal', 'compact-size-too-large'],
}

/** The libraries by name. */
export const psbtLibraries: readonly (readonly [string, PsbtLibrary])[] = [
  ['@scure/btc-signer', scure],
  ['bitcoinjs-lib', bitcoinJs],
]

function readOurs(bytes: Uint8Array): Reading {
  const psbt = decodePsbt(bytes)
  return { encoded: encodePsbt(psbt), inputs: psbt.inputs.length, outputs: psbt.outputs.length }
}

/** What `read` makes of bytes, or what it throws. */
function attempt<Result>(read: (bytes: Uint8Array) => Result, bytes: Uint8Array): Result | Error {
  try {
    return read(bytes)
  } catch (error) {
    return error as Error
  }
}

/** A PSBT with its fields sorted, so that those of different writers can be compared. */
export function sorted(bytes: Uint8Array): string {
  return toHex(encodePsbt(combinePsbts(decodePsbt(bytes))))
}

/** In what a library and we disagree about bytes without a reason, or `undefined`. */
export function disagreement(bytes: Uint8Array, library: PsbtLibrary): string | undefined {
  const ours = attempt(readOurs, bytes)
  const theirs = attempt(library.read, bytes)
  if (!(ours instanceof Error)) {
    if (!equalBytes(ours.encoded, bytes)) return 'we do not write what we read'
    return isAlike(ours, theirs) ? undefined : compareRest(bytes, library, ours, library.refuses, theirs)
  }
  if (!(ours instanceof DecodeError)) return `we throw ${ours}`
  if (theirs instanceof Error || isExcused(ours, theirs, library)) return undefined
  return compareRest(bytes, library, theirs, library.reads, ours)
}

function isAlike(ours: Reading, theirs: Reading | Error): boolean {
  return !(theirs instanceof Error) && sorted(ours.encoded) === attempt(sorted, theirs.encoded)
}

function isExcused({ code }: DecodeError, theirs: Reading, library: PsbtLibrary): boolean {
  const isEmpty = code === 'psbt-transaction-without-inputs' && theirs.inputs === 0
  return isEmpty || library.refusals.includes(code)
}

/** In what they disagree about what is left without the odd fields and what follows the end. */
function compareRest(
  bytes: Uint8Array,
  library: PsbtLibrary,
  counts: Reading,
  odd: OddFields,
  other: Reading | Error,
): string | undefined {
  const rest = attempt((all) => withoutOdd(all, library, counts, odd), bytes)
  if (rest instanceof DecodeError && library.refusals.includes(rest.code)) return undefined
  if (rest instanceof Error) return rest.message
  if (rest.length === bytes.length) return other instanceof Error ? other.message : toHex(other.encoded)
  const isRead = [readOurs, library.read].some((read) => !(attempt(read, rest) instanceof Error))
  return isRead ? disagreement(rest, library) : `nobody reads ${toHex(rest)}`
}

function withoutOdd(
  bytes: Uint8Array,
  { readsBefore }: PsbtLibrary,
  { inputs, outputs }: Reading,
  odd: OddFields,
): Uint8Array {
  const reader = new ByteReader(bytes)
  const writer = new ByteWriter().writeBytes(reader.readBytes(5))
  for (let map = 0; map < 1 + inputs + outputs; map++) {
    copyMap(reader, writer, odd[map === 0 ? 0 : map <= inputs ? 1 : 2])
  }
  const follows = reader.readBytes(reader.remaining)
  return readsBefore(follows) ? writer.toBytes() : concatBytes(writer.toBytes(), follows)
}

function copyMap(reader: ByteReader, writer: ByteWriter, odd: Map<number, IsOdd>): void {
  for (let key = reader.readVarBytes(); key.length > 0; key = reader.readVarBytes()) {
    const [value, type] = [reader.readVarBytes(), key[0] ?? 0]
    const isOdd = odd.get(type)?.({ type, keyData: key.subarray(1), value }) ?? false
    if (!isOdd) writer.writeVarBytes(key).writeVarBytes(value)
  }
  writer.writeUint8(0)
}
