/**
 * Finds the blocks in a data file that is damaged in any way, without LMDB and without its trees.
 *
 * Every page of the file is looked at by itself. A leaf page names its rows: those whose key has the form of a block's are
 * read, wherever they say that their value is. A value on pages of its own is found without its leaf as well, since a block
 * tells its hash, and its coinbase its height (BIP34). Nothing that a page says is trusted: a block is only what has the
 * hash of its key, the Merkle root of its transactions and the check of its row. Pages that LMDB has freed hold older blocks,
 * also of branches and pruned ones; they count as long as they are whole.
 *
 * Not for deciding whether a block follows the rules: a block inside another block's data would be found, too.
 *
 * Source: docs/protocol/storage.md#salvage; LMDB, MDB_page, MDB_node, MDB_ovpage
 */
import { ByteReader, type Bytes, bytesKey, equalBytes } from '@chain/core/bytes'
import type { BlockRef } from '@chain/core/chain'
import { encodeCoinbaseHeight, MAX_BLOCK_WEIGHT } from '@chain/core/consensus'
import { hash256 } from '@chain/core/crypto'
import { DecodeError } from '@chain/core/errors'
import {
  type Block,
  decodeBlock,
  HEADER_LENGTH,
  merkleRoot,
  readHeader,
  readTransaction,
  txids,
} from '@chain/core/primitives'
import type { Height } from '@chain/core/units'
import { openSealed, SEAL_LENGTH } from '../codecs.ts'
import { BLOCK_KEY_LENGTH, blockKey, parseBlockKey } from '../layout.ts'
import { DamagedFile } from './damaged-file.ts'
import { PAGE_HEADER_LENGTH } from './meta-page.ts'
import { readUint64 } from './page-file.ts'
import { BIG, BIG_LENGTH, KIND_FLAGS, LEAF, NODE_HEADER_LENGTH, OVERFLOW } from './tree-page.ts'

/** A block that was found. */
export interface SalvagedBlock extends BlockRef {
  /** The block, as on the wire; an array of its own. */
  readonly bytes: Uint8Array
  /** Where its first byte lies in the file. */
  readonly offset: number
}

/** Longest value of a block: no byte weighs less than one. */
const MAX_VALUE_LENGTH = MAX_BLOCK_WEIGHT + SEAL_LENGTH
/** Blocks that are remembered, so that none comes twice; about a hundred megabytes. Beyond it some may. */
const MAX_REMEMBERED = 2 ** 20

/** A file that is being gone through. */
interface Search {
  readonly file: DamagedFile
  /** Keys of hashes of the blocks that were found. */
  readonly found: Set<string>
}

/**
 * Every block in a data file, in no particular order; one at a time is in memory. Whoever stops before the end calls
 * `return`, as `for … of` does.
 *
 * @param path - of the data file, which nobody writes to meanwhile
 * @throws {OperationalError} `store-*` when the file cannot be opened
 */
export function* salvageBlocks(path: string): Generator<SalvagedBlock, void, void> {
  const file = new DamagedFile(path)
  const search: Search = { file, found: new Set() }
  try {
    for (let position = 0; position < file.size; position += file.pageSize) {
      for (const block of blocksOfPage(search, position)) {
        if (search.found.size >= MAX_REMEMBERED) search.found.clear()
        search.found.add(bytesKey(block.hash))
        yield block
      }
    }
  } finally {
    file.close()
  }
}

function* blocksOfPage(search: Search, position: number): Generator<SalvagedBlock> {
  const page = search.file.read(position, search.file.pageSize)
  if (page.length < PAGE_HEADER_LENGTH) return
  const kind = viewOf(page).getUint16(18, true) & KIND_FLAGS
  if (kind === LEAF) yield* blocksOfLeaf(search, page, position)
  if (kind === OVERFLOW) yield* blockOfOverflow(search, page, position)
}

/** The blocks that the rows of a leaf page name. */
function* blocksOfLeaf(search: Search, page: Uint8Array, position: number): Generator<SalvagedBlock> {
  const view = viewOf(page)
  const end = Math.min(PAGE_HEADER_LENGTH + view.getUint16(20, true), page.length - 1)
  for (let at = PAGE_HEADER_LENGTH; at < end; at += 2) {
    const node = PAGE_HEADER_LENGTH + view.getUint16(at, true)
    const data = node + NODE_HEADER_LENGTH + BLOCK_KEY_LENGTH
    if (data + BIG_LENGTH > page.length || view.getUint16(node + 6, true) !== BLOCK_KEY_LENGTH) continue
    const key = page.subarray(node + NODE_HEADER_LENGTH, data)
    const isBig = view.getUint16(node + 4, true) === BIG
    const offset = isBig
      ? readUint64(view, data) * search.file.pageSize + PAGE_HEADER_LENGTH
      : position + data
    const block = blockAt(search, key, offset, view.getUint32(node, true))
    if (block !== undefined) yield block
  }
}

/** The block whose row has a key, if it lies at an offset. @param length - of the sealed value */
function blockAt(search: Search, key: Uint8Array, offset: number, length: number): SalvagedBlock | undefined {
  const { height, hash } = parseBlockKey(key)
  if (search.found.has(bytesKey(hash)) || length < HEADER_LENGTH || length > MAX_VALUE_LENGTH)
    return undefined
  // Most pointers of damaged pages lead nowhere, which the first bytes tell.
  if (!equalBytes(hash256(search.file.read(offset, HEADER_LENGTH)), hash)) return undefined
  const sealed = search.file.read(offset, length)
  const bytes = unlessDamaged(() => openSealed(key, sealed))
  const block = bytes === undefined ? undefined : unlessDamaged(() => decodeBlock(bytes))
  if (bytes === undefined || block === undefined || !isWhole(block)) return undefined
  return { height, hash, bytes, offset }
}

/** The block on pages of its own, without the leaf that names it. */
function* blockOfOverflow(search: Search, page: Uint8Array, position: number): Generator<SalvagedBlock> {
  const header = page.subarray(PAGE_HEADER_LENGTH, PAGE_HEADER_LENGTH + HEADER_LENGTH)
  const hash = hash256(header)
  if (header.length < HEADER_LENGTH || search.found.has(bytesKey(hash))) return
  const room = viewOf(page).getUint32(20, true) * search.file.pageSize - PAGE_HEADER_LENGTH
  const offset = position + PAGE_HEADER_LENGTH
  const value = search.file.read(offset, Math.min(room, MAX_VALUE_LENGTH))
  const start = unlessDamaged(() => readBlockStart(value))
  if (start === undefined) return
  for (const height of [start.height, 0]) {
    const block = blockAt(search, blockKey({ height, hash }), offset, start.length + SEAL_LENGTH)
    if (block === undefined) continue
    yield block
    return
  }
}

/** Length of the block that bytes begin with, and the height that its coinbase states. @throws {DecodeError} */
function readBlockStart(bytes: Bytes): { readonly length: number; readonly height: Height } {
  const reader = new ByteReader(bytes)
  readHeader(reader)
  const count = reader.readCompactSize()
  let height = 0
  for (let index = 0; index < count; index++) {
    const [input] = readTransaction(reader).inputs
    if (index === 0 && input !== undefined) height = readCoinbaseHeight(input.scriptSig)
  }
  return { length: reader.offset, height }
}

/** The height that a coinbase script states; 0 when it states none. Source: BIP34 */
function readCoinbaseHeight(script: Bytes): Height {
  const [opcode = 0] = script
  let height = opcode - 0x50
  if (opcode <= 5) {
    height = 0
    for (let at = opcode; at > 0; at--) height = height * 256 + (script[at] ?? 0)
  }
  if (height < 0 || height > 0xffffffff) return 0
  const stated = encodeCoinbaseHeight(height)
  return equalBytes(stated, script.subarray(0, stated.length)) ? height : 0
}

function isWhole({ header, transactions }: Block): boolean {
  return transactions.length > 0 && equalBytes(merkleRoot(txids(transactions)), header.merkleRoot)
}

function unlessDamaged<Result>(decode: () => Result): Result | undefined {
  try {
    return decode()
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
