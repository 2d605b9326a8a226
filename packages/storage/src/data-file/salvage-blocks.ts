/**
 * Finds the blocks in a data file that is damaged in any way, without LMDB and without its trees.
 *
 * Every page of the file is looked at by itself. A leaf page names its rows: those whose key has the form of a block's are
 * read, wherever they say that their value is. A value on pages of its own is found without its leaf as well, since a block
 * tells its hash, and its coinbase its height (BIP34). Nothing that a page says is trusted, since a stranger's bytes inside a
 * block may look like a page: a block is only what has the hash of its key, the Merkle root of its transactions and the check
 * of its row, and the height in the key serves for that check alone. Pages that LMDB has freed hold older blocks, also of
 * branches and pruned ones; they count as long as they are whole.
 *
 * Not for deciding whether a block follows the rules: a block inside another block's data would be found, too.
 *
 * Source: docs/protocol/storage.md#salvage; LMDB, MDB_page, MDB_node, MDB_ovpage
 */
import { hash } from 'node:crypto'
import { ByteReader, type Bytes, equalBytes } from '@chain/core/bytes'
import { encodeCoinbaseHeight, MAX_BLOCK_WEIGHT } from '@chain/core/consensus'
import { hash256 } from '@chain/core/crypto'
import { DecodeError } from '@chain/core/errors'
import {
  type Block,
  type BlockHash,
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

/** A block that was found. Its height is not told: whoever made the bytes of a block could make that up as well. */
export interface SalvagedBlock {
  readonly hash: BlockHash
  /** The block that it builds on. */
  readonly parent: BlockHash
  /** The block, as on the wire; an array of its own. */
  readonly bytes: Uint8Array
  /** Where its first byte lies in the file. */
  readonly offset: number
}

/** Longest value of a block: no byte weighs less than one. */
const MAX_VALUE_LENGTH = MAX_BLOCK_WEIGHT + SEAL_LENGTH
/**
 * Bytes that a leaf page may have read in vain: two of the longest values. Whatever else it names is found without it, and a
 * stranger's bytes that look like a page do not keep anybody busy.
 */
const MAX_VAIN_BYTES = 2 * MAX_VALUE_LENGTH
/** Blocks that are remembered, so that none comes twice; about two hundred megabytes. Beyond it some may. */
const MAX_REMEMBERED = 2 ** 20

/** A file that is being gone through. */
interface Search {
  readonly file: DamagedFile
  /** Where blocks were found. */
  readonly offsets: Set<number>
  /**
   * SHA-256 of the blocks that were found: signatures and witnesses are not part of a block's hash, so that a false copy has
   * the same and must not hide the true one.
   */
  readonly digests: Set<string>
}

/**
 * Every block in a data file, in no particular order; one at a time is in memory. Copies of a block that differ in their
 * witnesses all come. Whoever stops before the end calls `return`, as `for … of` does.
 *
 * @param path - of the data file, which nobody writes to meanwhile
 * @throws {OperationalError} `store-*` when the file cannot be opened
 */
export function* salvageBlocks(path: string): Generator<SalvagedBlock, void, void> {
  const file = new DamagedFile(path)
  const search: Search = { file, offsets: new Set(), digests: new Set() }
  try {
    for (let position = 0; position < file.size; position += file.pageSize)
      for (const block of blocksOfPage(search, position)) if (isNew(search, block)) yield block
  } finally {
    file.close()
  }
}

/** Remembers a block. `false` when it was found before. */
function isNew({ offsets, digests }: Search, { offset, bytes }: SalvagedBlock): boolean {
  if (offsets.size >= MAX_REMEMBERED) {
    offsets.clear()
    digests.clear()
  }
  const digest = hash('sha256', bytes, 'base64')
  offsets.add(offset)
  if (digests.has(digest)) return false
  digests.add(digest)
  return true
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
  let vain = 0
  for (const node of nodesOf(view)) {
    const data = node + NODE_HEADER_LENGTH + BLOCK_KEY_LENGTH
    if (data + BIG_LENGTH > page.length || view.getUint16(node + 6, true) !== BLOCK_KEY_LENGTH) continue
    const key = page.subarray(node + NODE_HEADER_LENGTH, data)
    const length = view.getUint32(node, true)
    const isBig = view.getUint16(node + 4, true) === BIG
    const offset = isBig
      ? readUint64(view, data) * search.file.pageSize + PAGE_HEADER_LENGTH
      : position + data
    const end = isBig ? search.file.size : position + page.length
    if (length < HEADER_LENGTH || length > MAX_VALUE_LENGTH || offset + length > end) continue
    if (search.offsets.has(offset) || vain + length > MAX_VAIN_BYTES) continue
    // Most pointers of damaged pages lead nowhere, which the first bytes tell.
    const header = isBig ? search.file.read(offset, HEADER_LENGTH) : page.subarray(data, data + HEADER_LENGTH)
    if (!equalBytes(hash256(header), parseBlockKey(key).hash)) continue
    const block = openBlock(key, search.file.read(offset, length), offset)
    if (block === undefined) vain += length
    else yield block
  }
}

/** Where the rows of a leaf page begin, each once however often the page names it. */
function nodesOf(page: DataView): Set<number> {
  const end = Math.min(PAGE_HEADER_LENGTH + page.getUint16(20, true), page.byteLength - 1)
  const nodes = new Set<number>()
  for (let at = PAGE_HEADER_LENGTH; at < end; at += 2)
    nodes.add(PAGE_HEADER_LENGTH + page.getUint16(at, true))
  return nodes
}

/** The block in a sealed value, if key, seal and block fit each other. */
function openBlock(key: Uint8Array, sealed: Uint8Array, offset: number): SalvagedBlock | undefined {
  const bytes = unlessDamaged(() => openSealed(key, sealed))
  const block = bytes === undefined ? undefined : unlessDamaged(() => decodeBlock(bytes))
  if (bytes === undefined || block === undefined || !isWhole(block)) return undefined
  // Copies: the key and the header are views of a page and of the whole block.
  return { hash: parseBlockKey(key).hash, parent: block.header.parent.slice(), bytes, offset }
}

/** The block on pages of its own, without the leaf that names it. */
function* blockOfOverflow(search: Search, page: Uint8Array, position: number): Generator<SalvagedBlock> {
  const header = page.subarray(PAGE_HEADER_LENGTH, PAGE_HEADER_LENGTH + HEADER_LENGTH)
  const offset = position + PAGE_HEADER_LENGTH
  if (header.length < HEADER_LENGTH || search.offsets.has(offset)) return
  const room = viewOf(page).getUint32(20, true) * search.file.pageSize - PAGE_HEADER_LENGTH
  const value = search.file.read(offset, Math.min(room, MAX_VALUE_LENGTH))
  const start = unlessDamaged(() => readBlockStart(value))
  if (start === undefined || start.length + SEAL_LENGTH > value.length) return
  // An array of its own: the value has all of its pages.
  const sealed = value.slice(0, start.length + SEAL_LENGTH)
  const blockHash = hash256(header)
  for (const height of new Set([start.height, 0])) {
    const block = openBlock(blockKey({ height, hash: blockHash }), sealed, offset)
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
