import { expect, test } from 'vitest'
import type { Environment } from '../../src/environment.ts'
import { SCHEMA_VERSION } from '../../src/layout.ts'
import { LmdbChainStore } from '../../src/lmdb-chain-store.ts'
import { type Migration, migrate } from '../../src/migrations/migrate.ts'
import { openStore } from '../../src/open-store.ts'
import { networkRow, readSchema, schemaRow } from '../../src/store-identity.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { temporaryEnvironment } from '../temporary-environment.ts'

async function environmentOfVersion(version: number): Promise<Environment> {
  const environment = temporaryEnvironment()
  await environment.write([schemaRow(version)])
  return environment
}

function recordingStep(to: number, seen: number[]): Migration {
  return {
    to,
    run: (environment) => {
      seen.push(readSchema(environment), to)
      return Promise.resolve()
    },
  }
}

test('a file of the current version is left alone', async () => {
  const environment = await environmentOfVersion(SCHEMA_VERSION)
  await migrate(environment)
  expect(readSchema(environment)).toBe(SCHEMA_VERSION)
})

test('a file of the first version becomes one of this version and keeps what it holds', async () => {
  const directory = temporaryDirectory()
  const environment = temporaryEnvironment(directory)
  await environment.write([schemaRow(1), networkRow('0a1b2c3d')])
  await new LmdbChainStore(environment).commit({ tip: new Uint8Array(32).fill(7) })
  await environment.close()
  const store = await openStore({ directory, specId: '0a1b2c3d' })
  expect(store.chainStore.readTip()).toEqual(new Uint8Array(32).fill(7))
  expect(store.transactionIndex.find(new Uint8Array(32))).toBeUndefined()
  await store.close()
  expect(readSchema(temporaryEnvironment(directory))).toBe(SCHEMA_VERSION)
})

test('migrations run one after the other, each on the version before it', async () => {
  const environment = await environmentOfVersion(1)
  const seen: number[] = []
  await migrate(environment, [recordingStep(3, seen), recordingStep(2, seen)], 3)
  expect(seen).toEqual([1, 2, 2, 3])
  expect(readSchema(environment)).toBe(3)
})

test('an interrupted migration runs again', async () => {
  const environment = await environmentOfVersion(1)
  const interrupted: Migration = { to: 2, run: () => Promise.reject(new Error('power cut')) }
  await expect(migrate(environment, [interrupted], 2)).rejects.toThrow('power cut')
  expect(readSchema(environment)).toBe(1)
  const seen: number[] = []
  await migrate(environment, [recordingStep(2, seen)], 2)
  expect(seen).toEqual([1, 2])
})

test('a file of a newer version is refused', async () => {
  const environment = await environmentOfVersion(7)
  await expect(migrate(environment)).rejects.toMatchObject({
    code: 'store-schema-newer',
    data: { found: 7, known: SCHEMA_VERSION },
  })
})

test('a version that nothing leads away from is corrupt', async () => {
  const environment = await environmentOfVersion(0)
  await expect(migrate(environment)).rejects.toMatchObject({ code: 'store-corrupt' })
})
