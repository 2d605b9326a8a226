import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { concatBytes, fromHex } from '@chain/core/bytes'
import { OperationalError } from '@chain/core/errors'
import type { SavedMempool } from '@chain/core/mempool'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, it } from 'vitest'
import { MAX_MEMPOOL_FILE, readMempoolFile, writeMempoolFile } from '../src/mempool-file.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const specId = '349f9fd8'
const transactions = ChainBuilder.create()
  .mineEmpty(3)
  .flatMap((block, time) =>
    block.transactions.map((transaction) => ({ transaction, time, unbroadcast: true })),
  )
const mempool: SavedMempool = { priorities: [[new Uint8Array(32).fill(7), -5n]], transactions }

function placeInNewDirectory(): { readonly file: string; readonly specId: string } {
  return { file: join(temporaryDirectory(), 'mempool.dat'), specId }
}

/** The bytes of a file with a digest that is right. */
function sealed(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  return concatBytes(bytes, createHash('sha256').update(bytes).digest())
}

describe('the file of a mempool', () => {
  it('gives back what was written, and is for its owner alone', async () => {
    const place = placeInNewDirectory()
    expect(await readMempoolFile(place)).toBeUndefined()
    for (let times = 0; times < 2; times++) {
      const length = await writeMempoolFile(place, mempool)
      const saved = await readMempoolFile(place)
      expect({ ...saved, transactions: [...(saved?.transactions ?? [])] }).toEqual(mempool)
      expect(statSync(place.file)).toMatchObject({ mode: 0o100600, size: length })
    }
    expect(readdirSync(join(place.file, '..'))).toEqual(['mempool.dat'])
  })

  it('is the spec, the mempool and a digest', async () => {
    const place = placeInNewDirectory()
    await writeMempoolFile(place, { priorities: [], transactions: [] })
    expect(new Uint8Array(readFileSync(place.file))).toEqual(sealed('349f9fd80100'))
  })

  it.each([
    ['is empty', () => new Uint8Array(), /0 bytes are too few/],
    ['was cut off', (bytes: Uint8Array) => bytes.subarray(0, -1), /its checksum is wrong/],
    [
      'has a wrong bit',
      (bytes: Uint8Array) => bytes.with(50, (bytes[50] as number) ^ 4),
      /its checksum is wrong/,
    ],
    ['has bytes after its end', (bytes: Uint8Array) => concatBytes(bytes, bytes), /its checksum is wrong/],
    ['is of another network', () => sealed('3a9f9fd80100'), /with the spec 3a9f9fd8, not 349f9fd8\.$/],
    ['is of another version', () => sealed('349f9fd80200'), /version 2 of its layout/],
  ])('is refused when it %s', async (_, damage, sentence) => {
    const place = placeInNewDirectory()
    await writeMempoolFile(place, mempool)
    writeFileSync(place.file, damage(readFileSync(place.file)))
    await expect(readMempoolFile(place)).rejects.toThrow(sentence)
  })

  it('is refused before it is read when it is too long', async () => {
    const place = placeInNewDirectory()
    writeFileSync(place.file, '')
    await truncate(place.file, MAX_MEMPOOL_FILE + 1)
    await expect(readMempoolFile(place)).rejects.toThrow(/100000001 bytes are more than 100000000/)
  })

  it('is refused when it is something else', async () => {
    const place = placeInNewDirectory()
    mkdirSync(place.file)
    await expect(readMempoolFile(place)).rejects.toThrow(/it is no file/)
    writeFileSync(join(place.file, 'something'), '')
    await expect(writeMempoolFile(place, mempool)).rejects.toThrow(OperationalError)
    expect(readdirSync(join(place.file, '..'))).toEqual(['mempool.dat'])
  })

  it.skipIf(!existsSync('/dev/full'))('stays as it was when the disk is full', async () => {
    const place = placeInNewDirectory()
    await writeMempoolFile(place, mempool)
    const before = readFileSync(place.file)
    symlinkSync('/dev/full', `${place.file}.new`)
    await expect(writeMempoolFile(place, { priorities: [], transactions: [] })).rejects.toThrow(
      expect.objectContaining({
        code: 'mempool-file-unwritable',
        message: `The mempool cannot be saved in ${place.file}: the disk is full.`,
      }),
    )
    expect(readFileSync(place.file)).toEqual(before)
    expect(readdirSync(join(place.file, '..'))).toEqual(['mempool.dat'])
  })

  it('says why it cannot be written', async () => {
    const place = { file: join(temporaryDirectory(), 'gone', 'mempool.dat'), specId }
    await expect(writeMempoolFile(place, mempool)).rejects.toThrow(/: there is no such file or directory\.$/)
  })
})
