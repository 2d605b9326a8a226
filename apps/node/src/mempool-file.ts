/**
 * The file `mempool.dat` in the data directory: what waits for a block, kept while no node runs.
 *
 *     spec id 4 | saved mempool | SHA-256 of all before 32
 *
 * Written beside its place and put there when all of it is on the disk, so that a crash leaves the old file or the new one. Read and
 * written piece by piece, so that others have their turn meanwhile.
 *
 * Not for when it is written (`mempool-keeper.ts`), nor for what a saved mempool is (`encodeMempool` of core).
 *
 * Source: docs/protocol/policy.md#saved-mempools
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { equalBytes, fromHex, toHex } from '@chain/core/bytes'
import { reasonOf } from '@chain/core/errors'
import { decodeMempool, encodeMempool, type SavedMempool } from '@chain/core/mempool'
import { mempoolFileUnusable, mempoolFileUnwritable } from './errors.ts'
import { syncDirectory } from './sync-directory.ts'

/** Name in the data directory. */
export const MEMPOOL_FILE = 'mempool.dat'

/** Most bytes that are read: a full mempool whose transactions are all witnesses takes 84,000,000. */
export const MAX_MEMPOOL_FILE = 100_000_000

/** Read and write for the owner alone. */
const FILE_MODE = 0o600

const ID_LENGTH = 4
const DIGEST_LENGTH = 32

/** Bytes that are read without giving way to others. */
const PIECE_LENGTH = 1_048_576

/** Where the file is, and whose. */
export interface MempoolPlace {
  /** Its path. */
  readonly file: string
  /** Of the chain spec: 8 hexadecimal digits. */
  readonly specId: string
}

/**
 * Replaces the file, and returns its length.
 *
 * @throws {OperationalError} `mempool-file-unwritable`; the old file stays as it is
 */
export async function writeMempoolFile(
  { file, specId }: MempoolPlace,
  mempool: SavedMempool,
): Promise<number> {
  const unfinished = `${file}.new`
  try {
    const length = await writePieces(unfinished, seal(specId, mempool))
    await rename(unfinished, file)
    await syncDirectory(dirname(file))
    return length
  } catch (error) {
    await rm(unfinished, { force: true, recursive: true })
    throw isSystemError(error) ? mempoolFileUnwritable(file, error) : error
  }
}

async function writePieces(file: string, pieces: Iterable<Uint8Array>): Promise<number> {
  const handle = await open(file, 'w', FILE_MODE)
  try {
    await handle.writeFile(pieces)
    await handle.sync()
    const { size } = await handle.stat()
    return size
  } finally {
    await handle.close()
  }
}

/** The bytes of the file. */
function* seal(specId: string, mempool: SavedMempool): Generator<Uint8Array> {
  const hash = createHash('sha256')
  const id = fromHex(specId)
  hash.update(id)
  yield id
  for (const piece of encodeMempool(mempool)) {
    hash.update(piece)
    yield piece
  }
  yield hash.digest()
}

/**
 * What the file holds, or `undefined` when there is none. Its transactions are decoded when they are asked for.
 *
 * @throws {OperationalError} `mempool-file-unusable`
 * @throws {DecodeError} as `decodeMempool`, now and when transactions are asked for
 */
export async function readMempoolFile(place: MempoolPlace): Promise<SavedMempool | undefined> {
  const { file, specId } = place
  const bytes = await readSealed(file)
  if (bytes === undefined) return undefined
  const id = toHex(bytes.subarray(0, ID_LENGTH))
  if (id !== specId)
    throw mempoolFileUnusable(file, `it is of the network with the spec ${id}, not ${specId}`)
  return decodeMempool(bytes.subarray(ID_LENGTH))
}

/** The bytes before the digest, once they are found to be those that were written. */
async function readSealed(file: string): Promise<Uint8Array | undefined> {
  try {
    const found = await stat(file)
    if (!found.isFile()) throw mempoolFileUnusable(file, 'it is no file')
    const handle = await open(file, 'r')
    try {
      return await readPieces(file, handle)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!isSystemError(error)) throw error
    if (error.code === 'ENOENT') return undefined
    throw mempoolFileUnusable(file, reasonOf(error), error)
  }
}

async function readPieces(file: string, handle: FileHandle): Promise<Uint8Array> {
  const { size } = await handle.stat()
  if (size > MAX_MEMPOOL_FILE)
    throw mempoolFileUnusable(file, `${size} bytes are more than ${MAX_MEMPOOL_FILE}`)
  const end = size - DIGEST_LENGTH
  if (end < ID_LENGTH) throw mempoolFileUnusable(file, `${size} bytes are too few`)
  const bytes = new Uint8Array(size)
  const hash = createHash('sha256')
  for (let offset = 0; offset < end; ) {
    const length = Math.min(PIECE_LENGTH, end - offset)
    const { bytesRead } = await handle.read(bytes, offset, length, offset)
    if (bytesRead === 0) throw mempoolFileUnusable(file, 'it became shorter')
    hash.update(bytes.subarray(offset, offset + bytesRead))
    offset += bytesRead
  }
  await handle.read(bytes, end, DIGEST_LENGTH, end)
  if (!equalBytes(hash.digest(), bytes.subarray(end)))
    throw mempoolFileUnusable(file, 'its checksum is wrong, so that it is damaged')
  return bytes.subarray(0, end)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
