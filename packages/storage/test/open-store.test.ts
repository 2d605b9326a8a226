import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Key } from 'interface-datastore'
import { expect, onTestFinished, test } from 'vitest'
import { Environment } from '../src/environment.ts'
import { SCHEMA_VERSION } from '../src/layout.ts'
import { type DataStore, type OpenStoreOptions, openStore } from '../src/open-store.ts'
import { schemaRow } from '../src/store-identity.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const specId = '0a1b2c3d'

async function open(directory: string, options: Partial<OpenStoreOptions> = {}): Promise<DataStore> {
  const store = await openStore({ directory, specId, ...options })
  onTestFinished(() => store.close())
  return store
}

test('a new directory becomes an empty store, and opens again', async () => {
  const directory = join(temporaryDirectory(), 'deep', 'down')
  const first = await open(directory)
  expect(first.chainStore.readTip()).toBeUndefined()
  await first.chainStore.commit({ tip: new Uint8Array(32).fill(7) })
  await first.close()
  const second = await open(directory)
  expect(second.chainStore.readTip()).toEqual(new Uint8Array(32).fill(7))
  expect(existsSync(join(directory, 'chain.mdb.new'))).toBe(false)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})

test.skipIf(process.platform === 'win32')('every file is for its owner alone', async () => {
  const directory = temporaryDirectory()
  await open(directory)
  const names = readdirSync(directory)
  expect(names).toEqual(expect.arrayContaining(['chain.mdb', 'chain.mdb-lock', 'lock', 'lock.pid']))
  for (const name of names)
    expect([name, statSync(join(directory, name)).mode & 0o777]).toEqual([name, 0o600])
})

test('a damaged lock file is repaired and reported', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'lock'), 'garbage')
  const reports: string[] = []
  await open(directory, { report: (sentence) => reports.push(sentence) })
  expect(reports).toEqual([expect.stringContaining(join(directory, 'lock'))])
})

test('a data file that was never finished is made anew', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'chain.mdb.new'), '')
  const store = await open(directory)
  expect(store.chainStore.readTip()).toBeUndefined()
})

test('an open directory is locked, and a closed one is free', async () => {
  const directory = temporaryDirectory()
  const first = await open(directory)
  await expect(openStore({ directory, specId })).rejects.toMatchObject({ code: 'data-dir-locked' })
  await first.close()
  await first.close()
  await open(directory)
})

test('the data of another network is refused, and the directory is free again', async () => {
  const directory = temporaryDirectory()
  await (await open(directory)).close()
  await expect(openStore({ directory, specId: 'ffffffff' })).rejects.toMatchObject({
    code: 'store-wrong-network',
    data: { found: specId, expected: 'ffffffff' },
  })
  await open(directory)
})

test('the data of a newer program is refused', async () => {
  const directory = temporaryDirectory()
  await (await open(directory)).close()
  const environment = new Environment(join(directory, 'chain.mdb'))
  await environment.write([schemaRow(SCHEMA_VERSION + 1)])
  await environment.close()
  await expect(openStore({ directory, specId })).rejects.toMatchObject({ code: 'store-schema-newer' })
})

test.each([
  ['emptied', (file: string) => truncateSync(file, 0)],
  ['cut in half', (file: string) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
  ['overwritten', (file: string) => writeFileSync(file, 'no database at all '.repeat(1000))],
])('a data file that was %s is corrupt, and left as it is', async (_, damage) => {
  const directory = temporaryDirectory()
  const file = join(directory, 'chain.mdb')
  await (await open(directory)).close()
  damage(file)
  const before = readFileSync(file)
  const error: unknown = await openStore({ directory, specId }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'store-corrupt', data: { file } })
  expect(String(error)).toContain('run chain-node reindex')
  expect(readFileSync(file)).toEqual(before)
})

test('a data file without its identity is corrupt', async () => {
  const directory = temporaryDirectory()
  const environment = new Environment(join(directory, 'chain.mdb'))
  await environment.close()
  await expect(openStore({ directory, specId })).rejects.toMatchObject({ code: 'store-corrupt' })
})

test('a file in place of the directory is an error that names it', async () => {
  const directory = join(temporaryDirectory(), 'file')
  writeFileSync(directory, '')
  await expect(openStore({ directory, specId })).rejects.toMatchObject({
    code: 'data-dir-unusable',
    data: { directory },
  })
})

test.runIf(existsSync('/proc/self'))(
  'where no directory can be made, it is said in one sentence',
  async () => {
    await expect(openStore({ directory: '/proc/chain', specId })).rejects.toMatchObject({
      code: 'data-dir-unusable',
      message:
        'The data directory /proc/chain cannot be used (no directory can be made in /proc): choose another directory.',
    })
  },
)

test('a directory in place of the data file is an error that names it', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'chain.mdb'))
  await expect(openStore({ directory, specId })).rejects.toMatchObject({ code: 'store-failed' })
})

test('what a killed process has left of data files that were not complete is removed', async () => {
  const directory = temporaryDirectory()
  await (await open(directory)).close()
  const files = readdirSync(directory)
  for (const name of ['chain.mdb.new', 'chain.mdb.reindex', 'chain.mdb.reindex.new']) {
    for (const ending of ['', '-lock']) writeFileSync(join(directory, `${name}${ending}`), 'half')
  }
  await (await open(directory)).close()
  expect(readdirSync(directory)).toEqual(files)
})

test('libp2p may write while and after the store is closed', async () => {
  const directory = temporaryDirectory()
  const store = await open(directory)
  const writes = Array.from({ length: 50 }, (_, i) =>
    store.datastore.put(new Key(`/early/${i}`), new Uint8Array(9)),
  )
  const closed = store.close()
  const late = store.datastore.put(new Key('/late'), new Uint8Array(9))
  await Promise.all([...writes, late, closed])
  await store.datastore.put(new Key('/later'), new Uint8Array(9))
  const again = await open(directory)
  expect(again.datastore.has(new Key('/early/49'))).toBe(true)
  expect(again.datastore.has(new Key('/late'))).toBe(false)
})

test('the chain store of a closed directory says so', async () => {
  const store = await open(temporaryDirectory())
  await store.close()
  expect(() => store.chainStore.readTip()).toThrow(expect.objectContaining({ code: 'store-closed' }) as Error)
  await expect(store.chainStore.commit({ tip: new Uint8Array(32) })).rejects.toMatchObject({
    code: 'store-closed',
  })
})
