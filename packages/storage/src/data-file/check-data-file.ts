/**
 * Checks the structure of an LMDB data file before LMDB maps it into memory.
 *
 * LMDB trusts its file. One that is cut short, overwritten, or damaged in a page header makes it read outside the map,
 * which ends the process with SIGBUS or SIGSEGV instead of an error that anybody could handle. So we walk the newest
 * snapshot first: every tree from its root down, level by level. Each page must say who it is, keep its nodes inside
 * itself and in order, and point only at pages of the file that nobody else points at. Values are not looked at:
 * `codecs.ts` does that when a row is read.
 *
 * Not for a file that is in use: the caller holds the lock of the data directory. Not for a 32-bit or big-endian
 * machine, whose files LMDB lays out differently; there it checks nothing.
 */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { arch, endianness } from 'node:os'
import { storeError } from '../errors.ts'
import { type Meta, readNewestMeta, type Tree } from './meta-page.ts'
import { PageFile } from './page-file.ts'
import { checkFreeLists, checkTreePage, type PageLink, type Snapshot, type TreeKind } from './tree-page.ts'

/** Tree pages that are checked unless the caller says otherwise: 256 MiB of them, well under a second. */
const DEFAULT_PAGE_BUDGET = 65_536

/** How thorough the check of a data file is. */
export interface DataFileCheckOptions {
  /** How many tree pages to check at most; those near the roots come first. */
  readonly pageBudget?: number
}

/**
 * Checks a data file.
 *
 * A file may rightly be shorter than its last page number says, when the last pages are free and were never written;
 * such a file is checked whole, whatever the budget.
 *
 * @throws {OperationalError} `store-corrupt`, or what the operating system says on reading
 */
export function checkDataFile(file: string, options: DataFileCheckOptions = {}): void {
  if (endianness() !== 'LE' || !arch().includes('64')) return
  const descriptor = openToRead(file)
  try {
    const pages = new PageFile(file, descriptor, fstatSync(descriptor).size)
    const meta = readNewestMeta(pages)
    const isWhole = pages.size >= (meta.lastPage + 1) * meta.pageSize
    walkTrees(pages, meta, isWhole ? (options.pageBudget ?? DEFAULT_PAGE_BUDGET) : Number.POSITIVE_INFINITY)
  } finally {
    closeSync(descriptor)
  }
}

function openToRead(file: string): number {
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw storeError(file, error)
  }
}

function walkTrees(pages: PageFile, { pageSize, lastPage, free, main }: Meta, budget: number): void {
  const used = new Uint8Array(Math.ceil(pages.size / pageSize / 8))
  const snapshot: Snapshot = { pages, pageSize, lastPage, used, freeLists: [] }
  let links = [...linkToRoot(free, 'free'), ...linkToRoot(main, 'main')]
  let left = budget
  while (links.length > 0) {
    const below: PageLink[] = []
    for (const link of links) {
      if (left-- <= 0) return
      for (const child of checkTreePage(snapshot, link)) below.push(child)
    }
    // In the order of the file, so that a disk is read forwards.
    links = below.sort((a, b) => a.page - b.page)
  }
  checkFreeLists(snapshot)
}

function linkToRoot(tree: Tree, kind: TreeKind): PageLink[] {
  return tree.root === undefined ? [] : [{ page: tree.root, level: tree.depth - 1, kind }]
}
