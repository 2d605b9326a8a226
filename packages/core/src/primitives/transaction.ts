/**
 * Transactions in Bitcoin's layout, with segregated witness.
 *
 *     version i32 | [marker 00 | flag 01] | inputs | outputs | [witness per input] | lock time u32
 *
 * Source: Bitcoin developer reference, "Raw transaction format"; BIP144; docs/protocol/encoding.md#transaction
 */
import { ByteReader, type Bytes, ByteWriter, compactSizeLength } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import type { Amount } from '../units/index.ts'
import { isNullOutPoint, type OutPoint } from './outpoint.ts'
import { ReadFromSource, sourceOf, TransactionSource } from './transaction-source.ts'

/** The spending of one output: which one, and what shows the right to spend it. */
export interface TransactionInput {
  /** The output that is spent. */
  readonly previousOutput: OutPoint
  /** Empty for every kind of coin that can be spent here; free text in a coinbase. */
  readonly scriptSig: Bytes
  /** u32: relative lock (BIP68) or a final marker. */
  readonly sequence: number
  /** The witness stack, bottom first; empty where there is none. */
  readonly witness: readonly Bytes[]
}

/** An amount, and the condition for spending it. */
export interface TransactionOutput {
  /** Base units. Any i64 can be decoded; the rules bound it. */
  readonly value: Amount
  /** The spending condition. */
  readonly scriptPubKey: Bytes
}

/** A transaction: outputs that it spends and outputs that it makes. */
export interface Transaction {
  /** i32. */
  readonly version: number
  readonly inputs: readonly TransactionInput[]
  readonly outputs: readonly TransactionOutput[]
  /** u32: height or time before which the transaction may not be mined, 0 for none. */
  readonly lockTime: number
}

/** Smallest encodings, which bound counts before anything is allocated. */
const MIN_INPUT_LENGTH = 41
const MIN_OUTPUT_LENGTH = 9

/** A transaction that was read from bytes. */
class DecodedTransaction extends ReadFromSource implements Transaction {
  readonly version: number
  readonly inputs: readonly TransactionInput[]
  readonly outputs: readonly TransactionOutput[]
  readonly lockTime: number

  constructor(source: TransactionSource, fields: Transaction) {
    super(source)
    this.version = fields.version
    this.inputs = fields.inputs
    this.outputs = fields.outputs
    this.lockTime = fields.lockTime
  }
}

/** Whether any input carries a witness. */
export function hasWitness(transaction: Transaction): boolean {
  const source = sourceOf(transaction)
  return source === undefined
    ? transaction.inputs.some((input) => input.witness.length > 0)
    : source.hasWitness
}

/** Whether this is a coinbase: exactly one input, whose outpoint is null. */
export function isCoinbase(transaction: Transaction): boolean {
  const [first] = transaction.inputs
  return transaction.inputs.length === 1 && first !== undefined && isNullOutPoint(first.previousOutput)
}

/**
 * Reads one transaction that takes all of `bytes`. The result views `bytes`; do not write into them afterwards.
 *
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `transaction-flag-unknown`, `transaction-witness-superfluous`
 */
export function decodeTransaction(bytes: Bytes): Transaction {
  const reader = new ByteReader(bytes)
  const transaction = readTransaction(reader)
  reader.expectEnd()
  return transaction
}

/** Reads one transaction at the reader. @throws {DecodeError} as {@link decodeTransaction} */
export function readTransaction(reader: ByteReader): Transaction {
  const start = reader.offset
  const version = reader.readInt32()
  let inputCount = reader.readCompactSize()
  const extended = inputCount === 0
  if (extended) {
    const flag = reader.readUint8()
    if (flag !== 1) {
      throw new DecodeError('transaction-flag-unknown', `The transaction has the unknown flag ${flag}.`, {
        flag,
      })
    }
    inputCount = reader.readCompactSize()
  }
  const inputs = readInputs(reader, inputCount)
  const outputs = readOutputs(reader)
  const witnessStart = extended ? reader.offset - start : 0
  if (extended) readWitnesses(reader, inputs)
  const lockTime = reader.readUint32()
  const raw = reader.bytes.subarray(start, reader.offset)
  const source = new TransactionSource(raw, witnessStart)
  return new DecodedTransaction(source, { version, inputs, outputs, lockTime })
}

/** An input whose witness is still to be read: it stands behind all inputs and outputs. */
interface UnfinishedInput extends TransactionInput {
  witness: readonly Bytes[]
}

function readInputs(reader: ByteReader, count: number): UnfinishedInput[] {
  if (count > reader.remaining / MIN_INPUT_LENGTH) {
    throw new DecodeError('bytes-truncated', `The encoding is too short for ${count} inputs.`, { count })
  }
  const inputs: UnfinishedInput[] = []
  for (let i = 0; i < count; i++) {
    inputs.push({
      previousOutput: { txid: reader.readBytes(32), index: reader.readUint32() },
      scriptSig: readScriptSig(reader),
      sequence: reader.readUint32(),
      witness: NO_WITNESS,
    })
  }
  return inputs
}

/** The script of nearly every input is empty: an array that is made once does for all of them. */
function readScriptSig(reader: ByteReader): Bytes {
  const length = reader.readCompactSize()
  return length === 0 ? EMPTY : reader.readBytes(length)
}

const NO_WITNESS: readonly Bytes[] = Object.freeze([])

function readOutputs(reader: ByteReader): TransactionOutput[] {
  const count = reader.readCount(MIN_OUTPUT_LENGTH)
  const outputs: TransactionOutput[] = []
  for (let i = 0; i < count; i++)
    outputs.push({ value: reader.readInt64(), scriptPubKey: reader.readVarBytes() })
  return outputs
}

function readWitnesses(reader: ByteReader, inputs: readonly UnfinishedInput[]): void {
  let items = 0
  for (const input of inputs) {
    const count = reader.readCount(1)
    items += count
    const witness: Bytes[] = []
    for (let i = 0; i < count; i++) witness.push(readWitnessItem(reader))
    input.witness = witness
  }
  if (items === 0) {
    throw new DecodeError(
      'transaction-witness-superfluous',
      'The transaction announces a witness but has none.',
    )
  }
}

/** Items of at most one byte, each made once: a block has room for millions, and an array each would take a gigabyte. */
const EMPTY: Bytes = new Uint8Array()
const BYTE_ITEMS: readonly Bytes[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))

function readWitnessItem(reader: ByteReader): Bytes {
  const length = reader.readCompactSize()
  if (length === 0) return EMPTY
  return length === 1 ? (BYTE_ITEMS[reader.readUint8()] as Bytes) : reader.readBytes(length)
}

/**
 * The encoding of a transaction: with its witness where it has one, or without on demand.
 *
 * A transaction without inputs has no unambiguous encoding (its input count reads as the witness marker); it is
 * written in the old layout.
 */
export function encodeTransaction(transaction: Transaction, options: { witness?: boolean } = {}): Uint8Array {
  const writer = new ByteWriter(transactionLength(transaction, options))
  writeTransaction(writer, transaction, options)
  return writer.view
}

/** Writes {@link encodeTransaction}'s bytes into a writer. */
export function writeTransaction(
  writer: ByteWriter,
  transaction: Transaction,
  options: { witness?: boolean } = {},
): void {
  const source = sourceOf(transaction)
  const witness = options.witness !== false
  if (source === undefined) writeFields(writer, transaction, witness && hasWitness(transaction))
  else if (witness) writer.writeBytes(source.raw)
  else source.writeStripped(writer)
}

function writeFields(writer: ByteWriter, transaction: Transaction, witness: boolean): void {
  writer.writeInt32(transaction.version)
  if (witness) writer.writeUint8(0).writeUint8(1)
  writer.writeCompactSize(transaction.inputs.length)
  for (const input of transaction.inputs) writeInput(writer, input)
  writer.writeCompactSize(transaction.outputs.length)
  for (const output of transaction.outputs) writeOutput(writer, output)
  if (witness) for (const input of transaction.inputs) writeWitness(writer, input.witness)
  writer.writeUint32(transaction.lockTime)
}

function writeInput(writer: ByteWriter, input: TransactionInput): void {
  writer.writeBytes(input.previousOutput.txid).writeUint32(input.previousOutput.index)
  writer.writeVarBytes(input.scriptSig).writeUint32(input.sequence)
}

/** Writes an output: value i64, then the script with its length. */
export function writeOutput(writer: ByteWriter, output: TransactionOutput): void {
  writer.writeInt64(output.value).writeVarBytes(output.scriptPubKey)
}

function writeWitness(writer: ByteWriter, witness: readonly Bytes[]): void {
  writer.writeCompactSize(witness.length)
  for (const item of witness) writer.writeVarBytes(item)
}

/** Length of {@link encodeTransaction}'s result in bytes, without making it. */
export function transactionLength(transaction: Transaction, options: { witness?: boolean } = {}): number {
  const source = sourceOf(transaction)
  if (source !== undefined) return options.witness === false ? source.strippedLength : source.raw.length
  const { inputs, outputs } = transaction
  let length = 8 + compactSizeLength(inputs.length) + compactSizeLength(outputs.length)
  for (const { scriptSig } of inputs) length += 40 + varBytesLength(scriptSig)
  for (const { scriptPubKey } of outputs) length += 8 + varBytesLength(scriptPubKey)
  if (options.witness === false || !hasWitness(transaction)) return length
  length += 2
  for (const { witness } of inputs) {
    length += compactSizeLength(witness.length)
    for (const item of witness) length += varBytesLength(item)
  }
  return length
}

function varBytesLength(bytes: Bytes): number {
  return compactSizeLength(bytes.length) + bytes.length
}

/** Weight: three times the length without witness plus the full length. Source: BIP141, "Block size". */
export function transactionWeight(transaction: Transaction): number {
  return 3 * transactionLength(transaction, { witness: false }) + transactionLength(transaction)
}

/** Virtual size: a quarter of the weight, rounded up; the size that fees are paid for. Source: BIP141. */
export function virtualSize(transaction: Transaction): number {
  return Math.ceil(transactionWeight(transaction) / 4)
}
