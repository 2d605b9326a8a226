import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { describe, expect, test } from 'vitest'
import { salvageBlocks } from '../src/data-file/salvage-blocks.ts'
import { Environment } from '../src/environment.ts'
import { DATA_FILE } from '../src/layout.ts'
import { openStore } from '../src/open-store.ts'
import { sampleRows } from './data-file/sample-rows.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { temporaryEnvironment } from './temporary-environment.ts'

const DESCRIPTORS = '/proc/self/fd'
const specId = '0a1b2c3d'
/** How lmdb-js is to open the file itself. */
const options = { noSubdir: true, overlappingSync: false } as const

/** Files below a directory that this process has open, as descriptors or as maps of memory. */
function openFiles(directory: string): string[] {
  const names = readdirSync(DESCRIPTORS).map((descriptor) => {
    try {
      return readlinkSync(join(DESCRIPTORS, descriptor))
    } catch {
      // The one that lists the others is closed by now.
      return ''
    }
  })
  return names.filter((name) => name.startsWith(directory))
}

describe.skipIf(!existsSync(DESCRIPTORS))('of files that this process has open', () => {
  test('none is left when a data directory is closed, however often', async () => {
    const directory = temporaryDirectory()
    for (let round = 0; round < 30; round++) {
      const store = await openStore({ directory, specId })
      await store.chainStore.commit({ tip: new Uint8Array(32).fill(round) })
      for (const _ of store.chainStore.readCoins()) break
      await store.close()
      expect(openFiles(directory)).toEqual([])
    }
  })

  test('none is left when a data directory is refused', async () => {
    const directory = temporaryDirectory()
    await (await openStore({ directory, specId })).close()
    for (let round = 0; round < 20; round++) {
      await expect(openStore({ directory, specId: 'ffffffff' })).rejects.toMatchObject({
        code: 'store-wrong-network',
      })
      expect(openFiles(directory)).toEqual([])
    }
  })

  test('none is left when a data file has something else in place of a table', async () => {
    const directory = temporaryDirectory()
    const file = join(directory, DATA_FILE)
    const root = open<Buffer, Uint8Array>({
      path: file,
      encoding: 'binary',
      keyEncoding: 'binary',
      ...options,
    })
    await root.put(Buffer.from('coins\0'), Buffer.from('no table'))
    await root.close()
    for (let round = 0; round < 20; round++) {
      expect(() => new Environment(file)).toThrow(expect.objectContaining({ code: 'store-corrupt' }) as Error)
      expect(openFiles(directory)).toEqual([])
    }
  })

  test('none is left when a search for blocks is given up', async () => {
    const directory = temporaryDirectory()
    const store = await openStore({ directory, specId })
    await store.close()
    for (let round = 0; round < 20; round++) salvageBlocks(join(directory, DATA_FILE)).return()
    for (let round = 0; round < 20; round++) for (const _ of salvageBlocks(join(directory, DATA_FILE))) break
    expect(openFiles(directory)).toEqual([])
  })
})

test('reads, lists that are given up and writes hold one reader of LMDB between them', async () => {
  const directory = temporaryDirectory()
  const environment = temporaryEnvironment(directory)
  // lmdb-js opens a file once for a whole process.
  const probe = open({ path: join(directory, DATA_FILE), ...options })
  const lists: Iterator<unknown>[] = []
  for (let round = 0; round < 60; round++) {
    const rows = sampleRows(400, round % 3)
    await environment.write(rows)
    for (const { table, key } of rows.slice(0, 20)) environment.get(table, key)
    const list = environment.rows('coins')[Symbol.iterator]()
    list.next()
    lists.push(list)
    for (const _ of environment.rows('blocks')) break
    environment.bytesOf('blocks')
    environment.release(environment.hold())
    await new Promise(setImmediate)
    environment.bytesOf('coins')
  }
  const readers = (probe as unknown as { readerList(): string }).readerList().split('\n')
  expect(readers.filter((line) => line.includes(`${process.pid} `))).toHaveLength(1)
  for (const list of lists) expect(list.next().done).toBe(false)
  await probe.close()
})
