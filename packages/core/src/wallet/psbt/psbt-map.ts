/**
 * The key-value maps of a PSBT, as they stand: every field is kept, also those that nobody here understands, and in
 * its place, so that what was read is written again byte for byte.
 *
 *     { key length | type CompactSize | key data | value length | value } … | 00
 *
 * Not for what the fields mean: `psbt-fields` knows that.
 *
 * Source: BIP174, "Specification"
 */
import { ByteReader, type Bytes, ByteWriter, bytesKey, compareBytes } from '../../bytes/index.ts'
import { DecodeError } from '../../errors/index.ts'

/** One field of a map. A map has at most one of each type and key data. */
export interface PsbtField {
  /** The meaning of the field in its map: 0 to 2^53 - 1. */
  readonly type: number
  /** What the field is about, such as a public key; empty where a map can hold only one of the type. */
  readonly keyData: Bytes
  readonly value: Bytes
}

/** The fields of a map in the order in which they were read or added. */
export type PsbtMap = readonly PsbtField[]

/**
 * Reads one map and its end.
 *
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `psbt-field-repeated`
 */
export function readPsbtMap(reader: ByteReader): PsbtMap {
  const fields: PsbtField[] = []
  const keys = new Set<string>()
  for (let key = reader.readVarBytes(); key.length > 0; key = reader.readVarBytes()) {
    const text = bytesKey(key)
    if (keys.has(text)) throw repeated(key)
    keys.add(text)
    const keyReader = new ByteReader(key)
    const type = keyReader.readCompactSize()
    fields.push({ type, keyData: keyReader.readBytes(keyReader.remaining), value: reader.readVarBytes() })
  }
  return fields
}

function repeated(key: Bytes): DecodeError {
  return new DecodeError(
    'psbt-field-repeated',
    `A map of the PSBT has two fields of type ${key[0]} with the same key.`,
    {
      type: key[0],
    },
  )
}

/** Writes one map and its end. */
export function writePsbtMap(writer: ByteWriter, map: PsbtMap): void {
  for (const field of map) writer.writeVarBytes(keyOf(field)).writeVarBytes(field.value)
  writer.writeUint8(0)
}

/** The key of a field as it is written: type and key data. */
function keyOf({ type, keyData }: PsbtField): Uint8Array {
  return new ByteWriter(1 + keyData.length).writeCompactSize(type).writeBytes(keyData).toBytes()
}

/** The value of the field of a type that has no key data, or `undefined`. */
export function psbtValue(map: PsbtMap, type: number): Bytes | undefined {
  return map.find((field) => field.type === type && field.keyData.length === 0)?.value
}

/** A map with more fields, sorted by key. Of two fields with one key, the map's own stays. */
export function withPsbtFields(map: PsbtMap, added: PsbtMap): PsbtMap {
  const byKey = new Map<string, { key: Bytes; field: PsbtField }>()
  for (const field of [...map, ...added]) {
    const key = keyOf(field)
    const text = bytesKey(key)
    if (!byKey.has(text)) byKey.set(text, { key, field })
  }
  return [...byKey.values()].sort((a, b) => compareBytes(a.key, b.key)).map(({ field }) => field)
}
