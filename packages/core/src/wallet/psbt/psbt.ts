/**
 * Partially signed transactions (PSBT, version 0): a transaction on its way between those who build and those who sign it.
 *
 *     "psbt" ff | global map | a map for each input | a map for each output
 *
 * Only transactions with an input are read: without one, the old layout and the one with witnesses cannot be told apart.
 *
 * Source: BIP174
 */
import { base64 } from '@scure/base'
import { abbreviate, ByteReader, type Bytes, ByteWriter, equalBytes } from '../../bytes/index.ts'
import { DecodeError, ParseError } from '../../errors/index.ts'
import { decodeTransaction, type Transaction } from '../../primitives/index.ts'
import { checkPsbtFields, type PsbtMapKind, psbtGlobal } from './psbt-fields.ts'
import { type PsbtMap, psbtValue, readPsbtMap, writePsbtMap } from './psbt-map.ts'

/** A partially signed transaction. */
export interface Psbt {
  /** The transaction without scripts and witnesses; it stands in the global map too. */
  readonly transaction: Transaction
  readonly global: PsbtMap
  /** One for each input, in order. */
  readonly inputs: readonly PsbtMap[]
  /** One for each output, in order. */
  readonly outputs: readonly PsbtMap[]
}

/** Most bytes of an encoded PSBT. Source: Bitcoin Core, `MAX_FILE_SIZE_PSBT`. */
export const MAX_PSBT_LENGTH = 100_000_000

/** "psbt" in ASCII and a byte that is no text. */
const MAGIC = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff)

/**
 * Reads a PSBT that takes all of `bytes`. The result views `bytes`; do not write into them afterwards.
 *
 * @throws {DecodeError} `psbt-*`, `bytes-*`, `compact-size-*`, `transaction-*`
 */
export function decodePsbt(bytes: Bytes): Psbt {
  checkLength(bytes.length)
  if (!equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) {
    throw new DecodeError('psbt-magic-wrong', 'The bytes do not begin as a PSBT does.')
  }
  const reader = new ByteReader(bytes, MAGIC.length)
  const global = readMap(reader, 'global')
  const transaction = decodeUnsigned(psbtValue(global, psbtGlobal.transaction))
  const inputs = transaction.inputs.map(() => readMap(reader, 'input'))
  const outputs = transaction.outputs.map(() => readMap(reader, 'output'))
  reader.expectEnd()
  return { transaction, global, inputs, outputs }
}

function checkLength(length: number): void {
  if (length <= MAX_PSBT_LENGTH) return
  const message = `A PSBT has at most ${MAX_PSBT_LENGTH} bytes, not ${length}.`
  throw new DecodeError('psbt-too-long', message, { length, limit: MAX_PSBT_LENGTH })
}

function readMap(reader: ByteReader, kind: PsbtMapKind): PsbtMap {
  const map = readPsbtMap(reader)
  checkPsbtFields(kind, map)
  return map
}

function decodeUnsigned(bytes: Bytes | undefined): Transaction {
  if (bytes === undefined) {
    throw new DecodeError('psbt-transaction-missing', 'The PSBT does not hold the transaction to sign.')
  }
  if (bytes[4] === 0) {
    const message = 'The transaction to sign has no inputs, or is written with witnesses.'
    throw new DecodeError('psbt-transaction-without-inputs', message)
  }
  const transaction = decodeTransaction(bytes)
  const signed = transaction.inputs.findIndex(({ scriptSig }) => scriptSig.length > 0)
  if (signed !== -1) {
    const message = `Input ${signed} of the transaction to sign has a script already.`
    throw new DecodeError('psbt-transaction-signed', message, { index: signed })
  }
  return transaction
}

/** The encoding of a PSBT: the bytes it was read from, if it was. */
export function encodePsbt(psbt: Psbt): Uint8Array {
  const writer = new ByteWriter().writeBytes(MAGIC)
  for (const map of [psbt.global, ...psbt.inputs, ...psbt.outputs]) writePsbtMap(writer, map)
  return writer.toBytes()
}

/** A PSBT as text: its encoding in base64. */
export function formatPsbt(psbt: Psbt): string {
  return base64.encode(encodePsbt(psbt))
}

/**
 * Reads the text of a PSBT: base64, without spaces.
 *
 * @throws {ParseError} `psbt-text-malformed`
 * @throws {DecodeError} as {@link decodePsbt}
 */
export function parsePsbt(text: string): Psbt {
  checkLength((text.length / 4) * 3 - 2)
  return decodePsbt(decodeText(text))
}

function decodeText(text: string): Uint8Array {
  try {
    return base64.decode(text)
  } catch (cause) {
    throw malformedText(text, { cause })
  }
}

function malformedText(text: string, options: ErrorOptions): ParseError {
  return new ParseError('psbt-text-malformed', `"${abbreviate(text, 20)}" is not base64.`, {}, options)
}
