/**
 * The meta pages of an LMDB data file: pages 0 and 1, written in turn, of which the one with the higher transaction id
 * is the newest snapshot.
 *
 *     page header 24 | magic u32 | version u32 | address u64 | map size u64 | tree of free pages 48 | main tree 48
 *     | last page u64 | transaction id u64 | boot id u64
 *
 * Source: LMDB, MDB_meta and MDB_db.
 */
import { type PageFile, readUint64 } from './page-file.ts'

/** Bytes before the content of every page. */
export const PAGE_HEADER_LENGTH = 24
/** Bytes of a tree's description, in a meta page and in the row of a sub-database. */
export const TREE_LENGTH = 48

const MAGIC = 0xbeefc0de
const DATA_VERSION = 2
const META_FLAG = 0x08
const META_LENGTH = PAGE_HEADER_LENGTH + 144
const MIN_PAGE_SIZE = 256
const MAX_PAGE_SIZE = 65_536
/** 16 TiB of 4 KiB pages. */
const MAX_PAGE = 0xffffffff

/** A B+ tree of pages. */
export interface Tree {
  /** Its top page; `undefined` when the tree is empty. */
  readonly root: number | undefined
  /** Levels, 1 for a single leaf. */
  readonly depth: number
}

/** One snapshot of the file. */
export interface Meta {
  readonly pageSize: number
  /** The highest page number in use. */
  readonly lastPage: number
  readonly transactionId: number
  readonly free: Tree
  readonly main: Tree
}

/** The newest of both snapshots. @throws {OperationalError} `store-corrupt` */
export function readNewestMeta(pages: PageFile): Meta {
  if (pages.size === 0) throw pages.corrupt('it is empty')
  const first = readMeta(pages, 0)
  const second = readMeta(pages, first.pageSize)
  if (second.pageSize !== first.pageSize) throw pages.corrupt('its meta pages disagree on the page size')
  return first.transactionId >= second.transactionId ? first : second
}

function readMeta(pages: PageFile, position: number): Meta {
  const bytes = new Uint8Array(META_LENGTH)
  pages.read(bytes, position)
  const view = new DataView(bytes.buffer)
  if ((view.getUint16(18, true) & META_FLAG) === 0 || view.getUint32(24, true) !== MAGIC)
    throw pages.corrupt('it is not an LMDB file')
  const version = view.getUint32(28, true) & 0xffff
  if (version !== DATA_VERSION) throw pages.corrupt(`its LMDB format is ${version}, not ${DATA_VERSION}`)
  const pageSize = view.getUint32(48, true)
  if (pageSize < MIN_PAGE_SIZE || pageSize > MAX_PAGE_SIZE || (pageSize & (pageSize - 1)) !== 0)
    throw pages.corrupt(`its page size is ${pageSize}`)
  const lastPage = readUint64(view, 144)
  if (lastPage < 1 || lastPage > MAX_PAGE) throw pages.corrupt(`its last page is ${lastPage}`)
  return {
    pageSize,
    lastPage,
    transactionId: readUint64(view, 152),
    free: readTree(view, 48),
    main: readTree(view, 96),
  }
}

/** Reads a tree's description: pad u32, flags u16, depth u16, four counts u64, root u64 (all ones: none). */
export function readTree(view: DataView, offset: number): Tree {
  const isEmpty =
    view.getUint32(offset + 40, true) === 0xffffffff && view.getUint32(offset + 44, true) === 0xffffffff
  return {
    root: isEmpty ? undefined : readUint64(view, offset + 40),
    depth: view.getUint16(offset + 6, true),
  }
}
