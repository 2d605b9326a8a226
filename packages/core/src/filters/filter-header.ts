/**
 * Filter headers: a hash chain over the filters of a chain of blocks.
 *
 * Source: BIP157, "Filter Headers"; docs/protocol/filters.md
 */
import { type Bytes, concatBytes } from '../bytes/index.ts'
import { hash256 } from '../crypto/index.ts'

/**
 * The filter header of a block: `hash256(hash256(filter) || previous)`, 32 bytes in hash order.
 *
 * @param filter - of the block
 * @param previous - filter header of the block before; 32 zero bytes for a genesis block
 */
export function computeFilterHeader(filter: Bytes, previous: Bytes): Uint8Array {
  return hash256(concatBytes(hash256(filter), previous))
}
