/**
 * The compact encoding of coins, in coin tables and undo data.
 *
 *     varint(height * 2 + coinbase) | varint(compressed amount) | script kind u8 | script payload
 *
 * Varints are base 128, least significant group first. Amounts are compressed as in Bitcoin Core, which makes round
 * numbers of coins short. Script kind 0 is P2WPKH (payload: 20-byte key hash), 1 is taproot (32-byte output key), 2 is
 * any other script (payload: varint length, script).
 *
 * Source: docs/protocol/storage.md#coins; amount compression: Bitcoin Core, `CompressAmount`.
 */
import type { ByteReader, ByteWriter } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import type { Coin } from '../primitives/index.ts'
import { classifyScript, p2trScript, p2wpkhScript } from '../script/index.ts'
import { isAmountInRange } from '../units/index.ts'

const KIND_P2WPKH = 0
const KIND_P2TR = 1
const KIND_OTHER = 2

/** Writes a coin whose amount lies in 0 … `MAX_AMOUNT`. */
export function writeCoin(writer: ByteWriter, coin: Coin): void {
  writeVarint(writer, coin.height * 2 + (coin.isCoinbase ? 1 : 0))
  writeAmount(writer, Number(coin.output.value))
  const script = coin.output.scriptPubKey
  const template = classifyScript(script)
  if (template.type === 'p2wpkh') writer.writeUint8(KIND_P2WPKH).writeBytes(template.keyHash)
  else if (template.type === 'p2tr') writer.writeUint8(KIND_P2TR).writeBytes(template.outputKey)
  else writeVarint(writer.writeUint8(KIND_OTHER), script.length).writeBytes(script)
}

/**
 * Reads a coin: only the one encoding that {@link writeCoin} gives it. The script is a copy.
 *
 * @throws {DecodeError} `bytes-*`, `varint-*`, `coin-kind-unknown`, `coin-script-not-short`, `coin-amount-too-large`
 */
export function readCoin(reader: ByteReader): Coin {
  const code = readVarint(reader)
  const value = readAmount(reader)
  const kind = reader.readUint8()
  return {
    output: { value, scriptPubKey: readScript(reader, kind) },
    height: Math.floor(code / 2),
    isCoinbase: code % 2 === 1,
  }
}

function readScript(reader: ByteReader, kind: number): Uint8Array {
  if (kind === KIND_P2WPKH) return p2wpkhScript(reader.readBytes(20))
  if (kind === KIND_P2TR) return p2trScript(reader.readBytes(32))
  if (kind === KIND_OTHER) return readOtherScript(reader)
  throw new DecodeError('coin-kind-unknown', `The coin has the unknown script kind ${kind}.`, { kind })
}

function readOtherScript(reader: ByteReader): Uint8Array {
  const script = reader.readBytes(readVarint(reader)).slice()
  const { type } = classifyScript(script)
  if (type === 'p2wpkh' || type === 'p2tr') {
    throw new DecodeError('coin-script-not-short', `The coin spells out a script of the kind ${type}.`, {
      type,
    })
  }
  return script
}

/** Writes an integer from 0 to 2^53 - 1. */
export function writeVarint(writer: ByteWriter, value: number): ByteWriter {
  let rest = value
  while (rest >= 0x80) {
    writer.writeUint8((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return writer.writeUint8(rest)
}

/**
 * Reads an integer from 0 to 2^53 - 1, in its shortest form only.
 *
 * @throws {DecodeError} `bytes-truncated`, `varint-too-long`, `varint-not-minimal`
 */
export function readVarint(reader: ByteReader): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = reader.readUint8()
    value += (byte & 0x7f) * scale
    if (value > Number.MAX_SAFE_INTEGER)
      throw new DecodeError('varint-too-long', 'A varint is above 2^53 - 1.')
    if (byte === 0 && scale > 1) throw notMinimal()
    if (byte < 0x80) return value
    scale *= 0x80
    if (scale > 2 ** 49) throw new DecodeError('varint-too-long', 'A varint is longer than eight bytes.')
  }
}

function notMinimal(): DecodeError {
  return new DecodeError('varint-not-minimal', 'A varint is not in its shortest form.')
}

/** Amounts above this, about ten million coins, may compress to more than 2^53 and need big integers. */
const MAX_SMALL_AMOUNT = 10 ** 15

function writeAmount(writer: ByteWriter, value: number): void {
  if (value <= MAX_SMALL_AMOUNT || value % 10 === 0) {
    writeVarint(writer, compressAmount(value))
    return
  }
  let rest = 1n + 10n * BigInt(9 * Math.floor(value / 10) + (value % 10) - 1)
  while (rest >= 0x80n) {
    writer.writeUint8(Number(rest % 0x80n) | 0x80)
    rest /= 0x80n
  }
  writer.writeUint8(Number(rest))
}

function readAmount(reader: ByteReader): bigint {
  let low = 0
  let high = 0n
  for (let bits = 0; ; bits += 7) {
    if (bits > 56) throw new DecodeError('varint-too-long', 'An amount is longer than nine bytes.')
    const byte = reader.readUint8()
    if (bits < 49) low += (byte & 0x7f) * 2 ** bits
    else high += BigInt(byte & 0x7f) << BigInt(bits)
    if (byte === 0 && bits > 0) throw notMinimal()
    if (byte < 0x80) break
  }
  const isSmall = high < 16n << 49n
  const amount = isSmall ? BigInt(decompressAmount(low + Number(high))) : decompressLarge(high + BigInt(low))
  if (!isAmountInRange(amount)) {
    throw new DecodeError('coin-amount-too-large', 'A coin has an impossible amount.', { amount })
  }
  return amount
}

/** What {@link decompressAmount} does, for more than 2^53. */
function decompressLarge(compressed: bigint): bigint {
  const exponent = (compressed - 1n) % 10n
  const rest = (compressed - 1n) / 10n
  return exponent === 9n ? (rest + 1n) * 10n ** 9n : ((rest / 9n) * 10n + (rest % 9n) + 1n) * 10n ** exponent
}

/** Strips up to nine trailing decimal zeros: `n = 1 + 10 * (9 * (v / 10^e / 10) + digit - 1) + e`, 0 for 0. */
function compressAmount(value: number): number {
  if (value === 0) return 0
  let exponent = 0
  let rest = value
  while (rest % 10 === 0 && exponent < 9) {
    rest /= 10
    exponent++
  }
  if (exponent === 9) return 1 + 10 * (rest - 1) + 9
  const digit = rest % 10
  return 1 + 10 * (9 * Math.floor(rest / 10) + digit - 1) + exponent
}

function decompressAmount(compressed: number): number {
  if (compressed === 0) return 0
  const exponent = (compressed - 1) % 10
  let rest = Math.floor((compressed - 1) / 10)
  if (exponent === 9) return (rest + 1) * 10 ** 9
  const digit = (rest % 9) + 1
  rest = Math.floor(rest / 9)
  return (rest * 10 + digit) * 10 ** exponent
}
