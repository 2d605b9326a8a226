/**
 * One page of a B+ tree of an LMDB file.
 *
 *     page number u64 | transaction id u64 | pad u16 | flags u16 | lower u16 | upper u16 | node offsets u16 …
 *     node: low u16 | high u16 | flags u16 | key length u16 | key | data
 *
 * Offsets count from the end of the page header. In a branch, low, high and flags are the number of the child page; in a
 * leaf, low and high are the length of the data, which stands in the node, or (flag "big") on pages of its own.
 *
 * Source: LMDB, MDB_page, MDB_node, MDB_ovpage.
 */
import { PAGE_HEADER_LENGTH, readTree, TREE_LENGTH } from './meta-page.ts'
import { type PageFile, readUint64 } from './page-file.ts'

/** The flags of a page that say what it is. */
export const KIND_FLAGS = 0x6f
const BRANCH = 0x01
/** Kind of a page that holds rows. */
export const LEAF = 0x02
/** Kind of the first page of a value that has pages of its own. */
export const OVERFLOW = 0x04
/** Flag of a node whose value has pages of its own. */
export const BIG = 0x01
const SUB_TREE = 0x02
/** Bytes of a node before its key. */
export const NODE_HEADER_LENGTH = 8
/** What stands in the node of such a value: first page u64, transaction id u64, count of pages u64. */
export const BIG_LENGTH = 24
/** Pages 0 and 1 are the meta pages. */
const FIRST_PAGE = 2

/** Which tree a page belongs to: free pages by transaction, the sub-databases by name, or one of these. */
export type TreeKind = 'free' | 'main' | 'table'

/** A page that another page, or a meta page, points at. */
export interface PageLink {
  readonly page: number
  /** Levels below it: 0 for a leaf. */
  readonly level: number
  readonly kind: TreeKind
}

/** What is known of the snapshot while it is walked. */
export interface Snapshot {
  readonly pages: PageFile
  readonly pageSize: number
  readonly lastPage: number
  /** One bit per page of the file, set when something points at it. */
  readonly used: Uint8Array
  /** The lists of free pages found so far, each: count u64, entries i64. */
  readonly freeLists: Uint8Array[]
}

/** A page in memory, with its number for messages. */
interface LoadedPage {
  readonly number: number
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** Checks the page behind a link and returns the links in it. @throws {OperationalError} `store-corrupt` */
export function checkTreePage(snapshot: Snapshot, link: PageLink): PageLink[] {
  claimPages(snapshot, link.page, 1)
  const page = loadPage(snapshot, link.page)
  const count = checkHeader(snapshot, page, link)
  const links: PageLink[] = []
  let previous = -1
  for (let index = 0; index < count; index++) {
    const node = nodeAt(snapshot, page, index)
    if (previous >= 0 && !isAscending(page, previous, node, link, index))
      throw damaged(snapshot, page.number, 'its keys are out of order')
    if (link.level > 0) links.push({ ...link, page: childOf(page, node), level: link.level - 1 })
    else checkLeafNode(snapshot, page, node, link.kind, links)
    previous = node
  }
  return links
}

/** Marks pages as used by one owner. @throws {OperationalError} `store-corrupt` when they are not in the file or taken */
function claimPages({ pages, pageSize, lastPage, used }: Snapshot, first: number, count: number): void {
  const last = first + count - 1
  if (first < FIRST_PAGE || last > lastPage) throw pages.corrupt(`page ${first} does not exist`)
  if ((last + 1) * pageSize > pages.size) throw pages.corrupt(`it is cut short: page ${last} is missing`)
  for (let page = first; page <= last; page++) {
    if (isUsed(used, page)) throw pages.corrupt(`page ${page} is used twice`)
    used[page >>> 3] = (used[page >>> 3] as number) | (1 << (page & 7))
  }
}

function isUsed(used: Uint8Array, page: number): boolean {
  return ((used[page >>> 3] as number) & (1 << (page & 7))) !== 0
}

function loadPage({ pages, pageSize }: Snapshot, number: number): LoadedPage {
  const bytes = new Uint8Array(pageSize)
  pages.read(bytes, number * pageSize)
  return { number, bytes, view: new DataView(bytes.buffer) }
}

/** The count of nodes. */
function checkHeader(snapshot: Snapshot, { view, number }: LoadedPage, link: PageLink): number {
  if (readUint64(view, 0) !== number) throw damaged(snapshot, number, 'it has the number of another page')
  const kind = link.level > 0 ? BRANCH : LEAF
  if ((view.getUint16(18, true) & KIND_FLAGS) !== kind)
    throw damaged(snapshot, number, kind === LEAF ? 'it is not a leaf' : 'it is not a branch')
  const lower = view.getUint16(20, true)
  const upper = view.getUint16(22, true)
  if (lower > upper || lower % 2 !== 0 || upper > snapshot.pageSize - PAGE_HEADER_LENGTH || lower === 0)
    throw damaged(snapshot, number, 'its bounds are wrong')
  return lower / 2
}

/** Position of a node whose header and key lie inside the page. */
function nodeAt(snapshot: Snapshot, { view, number }: LoadedPage, index: number): number {
  const node = view.getUint16(PAGE_HEADER_LENGTH + 2 * index, true) + PAGE_HEADER_LENGTH
  const upper = view.getUint16(22, true) + PAGE_HEADER_LENGTH
  const isInside =
    node >= upper && node + NODE_HEADER_LENGTH <= snapshot.pageSize && keyEnd(view, node) <= snapshot.pageSize
  if (!isInside) throw damaged(snapshot, number, `node ${index} reaches outside of it`)
  return node
}

function keyEnd(view: DataView, node: number): number {
  return node + NODE_HEADER_LENGTH + view.getUint16(node + 6, true)
}

/** Whether the keys of two neighbouring nodes ascend: numbers in the tree of free pages, bytes in all others. */
function isAscending(
  { bytes, view }: LoadedPage,
  a: number,
  b: number,
  link: PageLink,
  index: number,
): boolean {
  // The first key of a branch is not looked at by LMDB and may be anything.
  if (link.level > 0 && index === 1) return true
  if (link.kind === 'free')
    return readUint64(view, a + NODE_HEADER_LENGTH) < readUint64(view, b + NODE_HEADER_LENGTH)
  const endA = keyEnd(view, a)
  const endB = keyEnd(view, b)
  let atA = a + NODE_HEADER_LENGTH
  let atB = b + NODE_HEADER_LENGTH
  while (atA < endA && atB < endB) {
    const difference = (bytes[atA++] as number) - (bytes[atB++] as number)
    if (difference !== 0) return difference < 0
  }
  return endA - a < endB - b
}

function childOf({ view }: LoadedPage, node: number): number {
  return view.getUint32(node, true) + view.getUint16(node + 4, true) * 0x1_0000_0000
}

function checkLeafNode(
  snapshot: Snapshot,
  page: LoadedPage,
  node: number,
  kind: TreeKind,
  links: PageLink[],
): void {
  const { view } = page
  const length = view.getUint32(node, true)
  const flags = view.getUint16(node + 4, true)
  const data = keyEnd(view, node)
  if (data + (flags === BIG ? BIG_LENGTH : length) > snapshot.pageSize)
    throw damaged(snapshot, page.number, 'a value reaches outside of it')
  if (flags === SUB_TREE && kind === 'main' && length === TREE_LENGTH) {
    const { root, depth } = readTree(view, data)
    if (root !== undefined) links.push({ page: root, level: depth - 1, kind: 'table' })
  } else if (flags === BIG) {
    checkBigValue(snapshot, page, data, length, kind)
  } else if (flags !== 0) {
    throw damaged(snapshot, page.number, `a node has the flags ${flags}`)
  } else if (kind === 'free') {
    snapshot.freeLists.push(page.bytes.slice(data, data + length))
  }
}

/** A value on pages of its own: first page u64, transaction id u64, count of pages u64. */
function checkBigValue(
  snapshot: Snapshot,
  { view, number }: LoadedPage,
  data: number,
  length: number,
  kind: TreeKind,
): void {
  const first = readUint64(view, data)
  const count = readUint64(view, data + 16)
  if (count * snapshot.pageSize < PAGE_HEADER_LENGTH + length || count > snapshot.lastPage)
    throw damaged(snapshot, number, 'a value is larger than its pages')
  claimPages(snapshot, first, count)
  if (kind !== 'free') return
  const list = new Uint8Array(length)
  snapshot.pages.read(list, first * snapshot.pageSize + PAGE_HEADER_LENGTH)
  snapshot.freeLists.push(list)
}

/**
 * Checks, after every tree was walked, that no used page is listed as free: LMDB would write over it.
 *
 * An entry is a page, or a negative count of pages and the first of them, or 0 for none.
 *
 * @throws {OperationalError} `store-corrupt`
 */
export function checkFreeLists({ pages, lastPage, used, freeLists }: Snapshot): void {
  for (const list of freeLists) {
    const view = new DataView(list.buffer, list.byteOffset, list.byteLength)
    const count = list.length < 8 ? 0 : readUint64(view, 0)
    if (list.length % 8 !== 0 || (count + 1) * 8 > list.length)
      throw pages.corrupt('a list of free pages has a wrong length')
    for (let index = 1; index <= count; index++) {
      const entry = Number(view.getBigInt64(index * 8, true))
      const length = entry < 0 ? -entry : 1
      const first = entry < 0 && index < count ? Number(view.getBigInt64(++index * 8, true)) : entry
      if (entry === 0) continue
      if (first < FIRST_PAGE || first + length - 1 > lastPage)
        throw pages.corrupt('a list of free pages names a page that does not exist')
      // Free pages may lie beyond the end of the file.
      for (let page = first; page < first + length && page >>> 3 < used.length; page++)
        if (isUsed(used, page)) throw pages.corrupt(`page ${page} is used, but listed as free`)
    }
  }
}

function damaged(snapshot: Snapshot, page: number, detail: string): Error {
  return snapshot.pages.corrupt(`page ${page}: ${detail}`)
}
