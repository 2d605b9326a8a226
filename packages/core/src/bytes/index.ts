/** Bytes: hexadecimal, comparison, big numbers, and the reader and writer that every encoding goes through. */
export {
  abbreviate,
  type Bytes,
  bigintFromBytes,
  bigintToBytes,
  bytesKey,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  reverseBytes,
  toHex,
} from './bytes.ts'
export { compactSizeLength } from './compact-size.ts'
export { ByteReader } from './reader.ts'
export { ByteWriter } from './writer.ts'
