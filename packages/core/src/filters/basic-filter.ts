/**
 * Basic block filters: a compact set of every script that a block pays to or spends from, so that a light client learns
 * which blocks concern it without telling anybody its scripts.
 *
 * Source: BIP158, "Block Filters"; docs/protocol/filters.md
 */
import { type Bytes, bytesKey } from '../bytes/index.ts'
import { type SipHashKey, siphashKey } from '../crypto/index.ts'
import { type Block, type BlockHash, blockHash } from '../primitives/index.ts'
import { encodeGolombSet, FILTER_M, GolombReader } from './golomb.ts'
import { hashToRange } from './hash-to-range.ts'

const OP_RETURN = 0x6a

/**
 * The basic filter of a block.
 *
 * @param block - whose outputs' scripts enter, except empty ones and those that begin with OP_RETURN
 * @param spentScripts - scripts of all coins that the block spends, in any order
 */
export function computeBasicFilter(block: Block, spentScripts: readonly Bytes[]): Uint8Array {
  const items = new Map<string, Bytes>()
  for (const script of spentScripts) if (script.length > 0) items.set(bytesKey(script), script)
  for (const { outputs } of block.transactions) {
    for (const { scriptPubKey } of outputs) {
      if (scriptPubKey.length > 0 && scriptPubKey[0] !== OP_RETURN)
        items.set(bytesKey(scriptPubKey), scriptPubKey)
    }
  }
  const key = filterKey(blockHash(block.header))
  return encodeGolombSet(sortedNumbers(key, [...items.values()], items.size * FILTER_M))
}

/**
 * Whether any of `scripts` is in a block's filter; wrongly so for about one script in 784,931.
 *
 * @param filter - of the block
 * @param block - the block's hash, which keys the filter
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `filter-malformed`
 */
export function matchFilter(filter: Bytes, block: BlockHash, scripts: readonly Bytes[]): boolean {
  const reader = new GolombReader(filter)
  if (reader.count === 0 || scripts.length === 0) return false
  const wanted = sortedNumbers(filterKey(block), scripts, reader.count * FILTER_M)
  let next = 0
  for (let value = reader.next(); value !== undefined; value = reader.next()) {
    while (next < wanted.length && (wanted[next] as number) < value) next++
    if (next === wanted.length) return false
    if (wanted[next] === value) return true
  }
  return false
}

function filterKey(hash: BlockHash): SipHashKey {
  return siphashKey(hash.subarray(0, 16))
}

/** What the items become under a key, ascending. */
function sortedNumbers(key: SipHashKey, items: readonly Bytes[], range: number): Float64Array {
  const numbers = new Float64Array(items.length)
  for (let index = 0; index < items.length; index++) {
    numbers[index] = hashToRange(key, items[index] as Bytes, range)
  }
  return numbers.sort()
}
