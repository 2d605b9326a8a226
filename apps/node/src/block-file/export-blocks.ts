/**
 * Writes blocks of the active chain into a block file, which appears under its name when it is complete.
 *
 * Not for opening the chain, nor for telling people how far it is (`cli/export.ts`).
 *
 * Source: docs/protocol/block-files.md
 */
import { statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { invariant } from '@chain/core/errors'
import {
  bodyLost,
  bodyPruned,
  exportDiskFull,
  exportFileExists,
  exportFileNotRegular,
  exportFileUnwritable,
  exportInterrupted,
} from '../errors.ts'
import { syncDirectory } from '../sync-directory.ts'
import { encodePrefix, PREFIX_LENGTH } from './block-file.ts'

/** What an export works with. */
export interface ExportOptions {
  readonly chain: ChainManager
  /** Path of the file. */
  readonly file: string
  /** Height of the first block; at most `to`. */
  readonly from: number
  /** Height of the last block; at most that of the tip. */
  readonly to: number
  /** Whether a file of that name is replaced. */
  readonly force: boolean
  /** Ends the export: the file is not written then. */
  readonly signal?: AbortSignal
  /** Told how many blocks were written, and how many bytes. */
  readonly onProgress?: (blocks: number, bytes: number) => void
}

/** What an export wrote. */
export interface Exported {
  readonly blocks: number
  /** Length of the file. */
  readonly bytes: number
}

/**
 * Writes the blocks from one height to another, lowest first. After a crash the file is there in full or not at all.
 *
 * @throws {OperationalError} `export-file-exists`, `export-file-not-regular`, `export-file-unwritable`, `export-disk-full`,
 *   `export-interrupted`, `body-pruned`, `store-*`
 */
export async function exportBlocks(options: ExportOptions): Promise<Exported> {
  const { file, force, signal } = options
  const unfinished = `${file}.${process.pid}.new`
  expectReplaceable(file, force)
  expectBodies(options)
  try {
    const exported = await writeRecords(unfinished, options)
    // The export may have taken a while.
    expectReplaceable(file, force)
    await rename(unfinished, file)
    await syncDirectory(dirname(file))
    return exported
  } catch (error) {
    if (signal?.aborted === true) throw exportInterrupted(file)
    throw fileError(file, error)
  } finally {
    await rm(unfinished, { force: true })
  }
}

function expectReplaceable(file: string, force: boolean): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!force) throw exportFileExists(file)
  if (!found.isFile()) throw exportFileNotRegular(file)
}

/** What the operating system said of the file, in our words. */
function fileError(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error
  return fullCodes.has(error.code) ? exportDiskFull(file, error) : exportFileUnwritable(file, error)
}

const fullCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** @throws {OperationalError} `body-pruned`, before a file is begun that could not be finished */
function expectBodies({ chain, from, to }: ExportOptions): void {
  let last: number | undefined
  for (let height = from; height <= chain.tip.height; height++) {
    if (!nodeAt(chain, height).hasBody) last = height
    if (height === to && last === undefined) return
  }
  if (last !== undefined) throw bodyPruned(from, last + 1)
}

async function writeRecords(unfinished: string, options: ExportOptions): Promise<Exported> {
  const { from, to, signal } = options
  await rm(unfinished, { force: true })
  // Opened before: a stream that opens its file by itself may make it after a failure, when it was removed already.
  const handle = await open(unfinished, 'wx')
  const output = handle.createWriteStream({ flush: true, highWaterMark: BUFFER_LENGTH })
  await pipeline(readRecords(options), output, signal === undefined ? {} : { signal })
  return { blocks: to - from + 1, bytes: output.bytesWritten }
}

/** Bytes that wait to be written. */
const BUFFER_LENGTH = 1024 * 1024

function* readRecords({ chain, from, to, onProgress }: ExportOptions): Generator<Uint8Array> {
  let written = 0
  for (let height = from; height <= to; height++) {
    const bytes = chain.readBody(nodeAt(chain, height))
    if (bytes === undefined) throw bodyLost(height)
    yield encodePrefix(chain.spec.magic, bytes.length)
    yield bytes
    written += PREFIX_LENGTH + bytes.length
    onProgress?.(height - from + 1, written)
  }
}

function nodeAt(chain: ChainManager, height: number): BlockNode {
  const node = chain.at(height)
  invariant(node !== undefined, 'The heights of an export are checked before.')
  return node
}
