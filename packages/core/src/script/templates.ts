/**
 * Spending conditions: the few forms of output script that chain knows. There is no script interpreter.
 *
 * Pay-to-witness-public-key-hash and taproot (key path) can be spent; null data carries bytes and can never be spent;
 * every other script may stand in a block but cannot be spent, and policy does not relay it.
 *
 * Source: BIP141, "Witness program"; BIP341; docs/protocol/consensus.md#spending-conditions
 */
import { ByteReader, type Bytes, concatBytes } from '../bytes/index.ts'
import { DecodeError, ParseError } from '../errors/index.ts'

/** What an output script is, by its form. */
export type OutputTemplate =
  | {
      readonly type: 'p2wpkh' /** 20 bytes: HASH160 of the compressed public key. */
      readonly keyHash: Bytes
    }
  | { readonly type: 'p2tr' /** 32 bytes: the x-only output key. */; readonly outputKey: Bytes }
  | { readonly type: 'null-data' /** The pushed bytes. */; readonly data: Bytes }
  | { readonly type: 'other' }

const OP_0 = 0x00
const OP_PUSHDATA1 = 0x4c
const OP_PUSHDATA2 = 0x4d
const OP_1 = 0x51
const OP_RETURN = 0x6a

/** Recognises the form of an output script. Any bytes are allowed. */
export function classifyScript(script: Bytes): OutputTemplate {
  if (script.length === 22 && script[0] === OP_0 && script[1] === 20) {
    return { type: 'p2wpkh', keyHash: script.subarray(2) }
  }
  if (script.length === 34 && script[0] === OP_1 && script[1] === 32) {
    return { type: 'p2tr', outputKey: script.subarray(2) }
  }
  const data = script[0] === OP_RETURN ? readSinglePush(script.subarray(1)) : undefined
  return data === undefined ? { type: 'other' } : { type: 'null-data', data }
}

/** Whether nobody can ever spend an output with this script, so that it never becomes a coin. Source: BIP158; Core. */
export function isUnspendable(script: Bytes): boolean {
  return script[0] === OP_RETURN || script.length > MAX_SCRIPT_LENGTH
}

/** Longest script in bytes that Bitcoin evaluates at all. Source: Bitcoin Core, `MAX_SCRIPT_SIZE`. */
const MAX_SCRIPT_LENGTH = 10_000

/** The script `OP_0 <20-byte key hash>`. */
export function p2wpkhScript(keyHash: Bytes): Uint8Array {
  return witnessScript(0, keyHash, 20)
}

/** The script `OP_1 <32-byte output key>`. */
export function p2trScript(outputKey: Bytes): Uint8Array {
  return witnessScript(1, outputKey, 32)
}

function witnessScript(version: 0 | 1, program: Bytes, length: number): Uint8Array {
  if (program.length !== length) {
    const message = `A version ${version} program of this kind has ${length} bytes, not ${program.length}.`
    throw new ParseError('program-length-wrong', message, { version, length: program.length })
  }
  return concatBytes(Uint8Array.of(version === 0 ? OP_0 : OP_1, length), program)
}

/** Most bytes that one data output carries. */
export const MAX_NULL_DATA_LENGTH = 65_535

/**
 * The script `OP_RETURN <data>`, with the shortest push.
 *
 * @param data - at most {@link MAX_NULL_DATA_LENGTH} bytes
 * @throws {ParseError} `null-data-too-long`
 */
export function nullDataScript(data: Bytes): Uint8Array {
  const { length } = data
  if (length > MAX_NULL_DATA_LENGTH) {
    throw new ParseError('null-data-too-long', `${length} bytes do not fit into one data output.`, { length })
  }
  return concatBytes(Uint8Array.of(OP_RETURN, ...pushOpcodes(length)), data)
}

/** The opcodes that push `length` (0 to 65,535) following bytes. */
export function pushOpcodes(length: number): number[] {
  if (length < OP_PUSHDATA1) return [length]
  if (length <= 0xff) return [OP_PUSHDATA1, length]
  return [OP_PUSHDATA2, length & 0xff, length >>> 8]
}

/** The bytes of a script that is exactly one push, or `undefined`. */
function readSinglePush(script: Bytes): Bytes | undefined {
  try {
    const reader = new ByteReader(script)
    const data = reader.readBytes(readPushLength(reader))
    return reader.remaining === 0 ? data : undefined
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

function readPushLength(reader: ByteReader): number {
  const opcode = reader.readUint8()
  if (opcode < OP_PUSHDATA1) return opcode
  if (opcode === OP_PUSHDATA1) return reader.readUint8()
  if (opcode === OP_PUSHDATA2) return reader.readUint16()
  throw new DecodeError('push-unknown', `Opcode ${opcode} does not push bytes.`, { opcode })
}
