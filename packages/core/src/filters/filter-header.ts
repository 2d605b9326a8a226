/**
 * Filter headers: a hash chain over the filters of a chain of blocks.
 *
 * Source: BIP157, "Filter Headers"; docs/protocol/filters.md
 */
import { type Bytes, concatBytes, equalBytes } from '../bytes/index.ts'
import { hash256 } from '../crypto/index.ts'

/** The hash of a filter: `hash256(filter)`, 32 bytes in hash order. Source: BIP157 */
export function computeFilterHash(filter: Bytes): Uint8Array {
  return hash256(filter)
}

/**
 * The filter header of a block: `hash256(hash256(filter) || previous)`, 32 bytes in hash order.
 *
 * @param filter - of the block
 * @param previous - filter header of the block before; 32 zero bytes for a genesis block
 */
export function computeFilterHeader(filter: Bytes, previous: Bytes): Uint8Array {
  return hash256(concatBytes(computeFilterHash(filter), previous))
}

/**
 * The filter headers that follow `previous`, 32 bytes each, lowest first.
 *
 * @param previous - filter header of the block before the first; 32 zero bytes for a genesis block
 * @param filterHashes - of {@link computeFilterHash}, 32 bytes each, for consecutive blocks, lowest first
 */
export function chainFilterHeaders(previous: Bytes, filterHashes: readonly Bytes[]): Uint8Array[] {
  const headers: Uint8Array[] = []
  let last = previous
  for (const hash of filterHashes) {
    const header = hash256(concatBytes(hash, last))
    headers.push(header)
    last = header
  }
  return headers
}

/**
 * Whether a filter is the one that a block's filter header stands for.
 *
 * @param filter - from anybody
 * @param previous - filter header of the block before
 * @param header - filter header of the block, from a chain that is known to be good
 */
export function verifyFilter(filter: Bytes, previous: Bytes, header: Bytes): boolean {
  return equalBytes(computeFilterHeader(filter, previous), header)
}
