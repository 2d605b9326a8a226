/**
 * Chains of Bitcoin regtest that another implementation made and accepted, with all their signatures.
 *
 * Source: docs/protocol/block-files.md
 */
import { readFileSync } from 'node:fs'
import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { formatHash } from '@chain/core/primitives'
import { createVerifier } from '@chain/verifier'
import { assert, asyncProperty, shuffledSubarray } from 'fast-check'
import { expect, onTestFinished } from 'vitest'
import { PREFIX_LENGTH } from '../../src/block-file/block-file.ts'
import { systemClock } from '../../src/clock.ts'
import { CountingVerifier } from '../../src/counting-verifier.ts'
import { testVector } from '../vectors.ts'
import { importPath, writeParts } from './block-files.ts'

const tip135 = '5d8c0aad24ab02108cff491c80387baebd0891dc45380e13ef7eb4305155adda'
const tip370 = '7018d77f7ecf2702d250395c6f7c24aeb856271ab6c704923960a176d8e33acd'

interface Imported {
  readonly blocks: number
  readonly transactions: number
  readonly signatures: number
  readonly height: number
  readonly tip: string
  readonly rejected: number
}

/** Imports a file into a new chain in memory. */
async function importVector(path: string): Promise<Imported> {
  const verifier = new CountingVerifier(createVerifier())
  onTestFinished(() => verifier.close())
  const modules = { store: new MemoryChainStore(), verifier, clock: systemClock }
  const chain = await ChainManager.open(loadNetwork('regtest'), modules)
  const { blocks, transactions, rejected } = await importPath(chain, path)
  const { height, hash } = chain.tip
  return { blocks, transactions, signatures: verifier.count, height, tip: formatHash(hash), rejected }
}

/** The records of a file without damage. */
function readRecords(path: string): Uint8Array[] {
  const bytes = readFileSync(path)
  const records: Uint8Array[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const length = PREFIX_LENGTH + bytes.readUInt32LE(offset + 4)
    records.push(bytes.subarray(offset, offset + length))
    offset += length
  }
  return records
}

testVector('regtest-135.blk', 'a chain of 135 blocks is imported in any order', async (path) => {
  const expected = {
    blocks: 135,
    transactions: 645,
    signatures: 1_010,
    height: 135,
    tip: tip135,
    rejected: 0,
  }
  expect(await importVector(path)).toEqual(expected)
  const records = readRecords(path)
  await assert(
    asyncProperty(shuffledSubarray(records, { minLength: records.length }), async (order) => {
      expect(await importVector(writeParts(...order))).toEqual(expected)
    }),
    { numRuns: 5 },
  )
  expect(await importVector(writeParts(...records.toReversed()))).toEqual(expected)
})

testVector('regtest-370.blk', 'a chain of 120,010 signatures is imported backwards', async (path) => {
  const expected = {
    ...{ blocks: 370, transactions: 60_380, signatures: 120_010, height: 370, tip: tip370, rejected: 0 },
  }
  expect(await importVector(writeParts(...readRecords(path).toReversed()))).toEqual(expected)
})
