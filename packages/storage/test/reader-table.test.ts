import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readerTableOf, reserveReaderTable } from '../src/reader-table.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { temporaryEnvironment } from './temporary-environment.ts'

test.skipIf(process.platform === 'win32')('all of its room on the disk is taken before LMDB maps it', () => {
  const environment = temporaryEnvironment()
  const { size, blocks, mode } = statSync(readerTableOf(environment.file))
  // Blocks of 512 bytes.
  expect(blocks * 512).toBeGreaterThanOrEqual(size)
  expect(mode & 0o777).toBe(0o600)
})

test('one that LMDB made shorter is made longer, and what is in it stays', () => {
  const file = join(temporaryDirectory(), 'data')
  writeFileSync(readerTableOf(file), Buffer.alloc(8_272, 7))
  reserveReaderTable(file)
  const bytes = readFileSync(readerTableOf(file))
  expect(bytes.subarray(0, 8_272)).toEqual(Buffer.alloc(8_272, 7))
  expect(bytes.length).toBe(12_288)
  reserveReaderTable(file)
  expect(readFileSync(readerTableOf(file))).toEqual(bytes)
})
