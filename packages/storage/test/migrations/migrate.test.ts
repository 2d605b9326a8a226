import { expect, test } from 'vitest'
import type { Environment } from '../../src/environment.ts'
import { type Migration, migrate } from '../../src/migrations/migrate.ts'
import { readSchema, schemaRow } from '../../src/store-identity.ts'
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
  const environment = await environmentOfVersion(1)
  await migrate(environment)
  expect(readSchema(environment)).toBe(1)
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
    data: { found: 7, known: 1 },
  })
})

test('a version that nothing leads away from is corrupt', async () => {
  const environment = await environmentOfVersion(0)
  await expect(migrate(environment)).rejects.toMatchObject({ code: 'store-corrupt' })
})
