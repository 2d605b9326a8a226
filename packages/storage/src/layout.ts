/**
 * Everything that the data directory holds, on one screen.
 *
 *     lock, lock.pid      who uses the directory (`lock.ts`)
 *     chain.mdb           one LMDB environment with the tables below; every change is one durable transaction
 *     chain.mdb-lock      LMDB's reader table; not data, LMDB makes it anew
 *     chain.mdb.new       a data file that is being made; a leftover is removed by the next start
 *     chain.mdb.reindex   a data file that is being made of another one's blocks; a leftover is removed by the next start
 *
 * | table        | key                         | value                                             | sealed |
 * |--------------|-----------------------------|---------------------------------------------------|--------|
 * | meta         | `schema`                    | u32 LE, {@link SCHEMA_VERSION}                    | yes |
 * | meta         | `network`                   | spec id, 8 ASCII hex digits                       | yes |
 * | meta         | `tip`                       | block hash 32; absent in a new store              | yes |
 * | meta         | `transaction-index`, `filter-index` | key of the block that the index has come to; absent before it began | yes |
 * | headers      | height u32 BE, hash 32      | block record (`codecs.ts`)                        | yes |
 * | heights      | height u32 BE               | block hash 32, active chain only                  | yes |
 * | blocks       | height u32 BE, hash 32      | block, as on the wire                             | yes |
 * | undo         | height u32 BE, hash 32      | undo data, as `encodeUndo` writes it              | yes |
 * | coins        | txid 32, index              | coin, as `writeCoin` writes it                    | no  |
 * | transactions | txid, first 16 bytes        | varint height, varint position in the block       | no  |
 * | filters      | height u32 BE, hash 32      | filter header 32, BIP158 basic filter             | yes |
 * | peers        | peer id, UTF-8              | JSON (`known-peers.ts`)                           | no  |
 * | libp2p       | datastore key, UTF-8        | what libp2p gave                                  | no  |
 *
 * `transactions` and `filters` are indexes of the active chain that an operator may switch on; they may be some blocks
 * behind it.
 *
 * Hashes are in hash order (as SHA-256 yields them). Keys that begin with the height keep neighbouring blocks together,
 * also on side branches, so that syncing, serving and pruning run over the file in order; a key of the hash alone would
 * scatter them. An index in a coin key takes 1 byte below 253, else a byte 253 and u16 BE, else 254 and u32 BE: the
 * lengths of CompactSize, but in an order that sorts like the number.
 *
 * Half of a transaction id suffices as a key: to find two transactions that share it takes 2^64 hashes, and who does that
 * loses one of his own from the index.
 *
 * A sealed value ends with the CRC-32 (u32 LE) of key and value, so that a damaged row is found when it is read. Coins
 * and places of transactions have none, because it would make their tables a tenth larger.
 */
import type { BlockRef } from '@chain/core/chain'
import type { OutPoint } from '@chain/core/primitives'
import type { Height } from '@chain/core/units'

/** Version of everything on this page; `migrations/` lifts older data files up to it. */
export const SCHEMA_VERSION = 2

/** The data file inside the data directory. */
export const DATA_FILE = 'chain.mdb'

/** The tables, each an LMDB sub-database of that name. */
export const tableNames = [
  'meta',
  'headers',
  'heights',
  'blocks',
  'undo',
  'coins',
  'transactions',
  'filters',
  'peers',
  'libp2p',
] as const

/** Name of a table of the data file. */
export type TableName = (typeof tableNames)[number]

/** The longest key that fits a 4 KiB page of LMDB, in bytes; only `peers` and `libp2p` keys come near. */
export const MAX_KEY_LENGTH = 1024

/** Name of a row of `meta`. */
export type MetaName = 'schema' | 'network' | 'tip' | 'transaction-index' | 'filter-index'

/** Key of a row of `meta`. */
export function metaKey(name: MetaName): Uint8Array {
  return Buffer.from(name, 'latin1')
}

/** Length of the keys of `headers`, `blocks`, `undo` and `filters`. */
export const BLOCK_KEY_LENGTH = 36

/** Key of a row of `headers`, `blocks`, `undo` and `filters`. */
export function blockKey(block: BlockRef): Uint8Array {
  const key = new Uint8Array(BLOCK_KEY_LENGTH)
  new DataView(key.buffer).setUint32(0, block.height)
  key.set(block.hash, 4)
  return key
}

/** The block that a key of `headers`, `blocks`, `undo` or `filters` names; the hash is a copy. */
export function parseBlockKey(key: Uint8Array): BlockRef {
  return { height: new DataView(key.buffer, key.byteOffset).getUint32(0), hash: key.slice(4) }
}

/** Key of a row of `transactions`: 16 bytes. */
export function transactionKey(txid: Uint8Array): Uint8Array {
  return txid.subarray(0, 16)
}

/** Key of a row of `heights`: 4 bytes. */
export function heightKey(height: Height): Uint8Array {
  const key = new Uint8Array(4)
  new DataView(key.buffer).setUint32(0, height)
  return key
}

/** Key of a row of `coins`: 33 to 37 bytes, sorted by txid bytes, then index. */
export function coinKey(outpoint: OutPoint): Uint8Array {
  const key = new Uint8Array(37)
  return key.subarray(0, writeCoinKey(outpoint, key, 0))
}

/** Writes the key of a row of `coins` into `target` from `at` on, and returns where it ends. */
export function writeCoinKey({ txid, index }: OutPoint, target: Uint8Array, at: number): number {
  target.set(txid, at)
  let end = at + 32
  if (index >= 253) {
    target[end++] = index <= 0xffff ? 253 : 254
    if (index > 0xffff) {
      target[end++] = index >>> 24
      target[end++] = index >>> 16
    }
    target[end++] = index >>> 8
  }
  target[end++] = index
  return end
}

/** The outpoint of a key of `coins`; the transaction id is a copy. `undefined` when it is no such key. */
export function parseCoinKey(key: Uint8Array): OutPoint | undefined {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  const first = key[32]
  const txid = key.slice(0, 32)
  if (key.length === 33 && first !== undefined && first < 253) return { txid, index: first }
  if (key.length === 35 && first === 253) return { txid, index: view.getUint16(33) }
  if (key.length === 37 && first === 254) return { txid, index: view.getUint32(33) }
  return undefined
}
