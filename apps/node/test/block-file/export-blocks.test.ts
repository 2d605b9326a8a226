import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type BlockNode, ChainManager, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import { ChainBuilder } from '@chain/core/testing'
import { expect, it } from 'vitest'
import { exportBlocks } from '../../src/block-file/export-blocks.ts'
import { systemClock } from '../../src/clock.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { importParts, openEmptyChain, recordOf, spec } from './block-files.ts'

it('an export of pruned blocks is refused before a file is begun, and tells from where on they are there', async () => {
  const chain = await openEmptyChain()
  const records = ChainBuilder.create(spec).mineEmpty(300).map(recordOf)
  await importParts(chain, records)
  expect(await chain.prune(5)).toBe(5)
  const directory = temporaryDirectory()
  const options = { chain, file: join(directory, 'out.dat'), force: false }
  for (const to of [3, 5, 300]) {
    await expect(exportBlocks({ ...options, from: 1, to })).rejects.toMatchObject({
      code: 'body-pruned',
      message: expect.stringContaining('all blocks from height 6 on'),
    })
  }
  expect(readdirSync(directory)).toEqual([])
  expect(await exportBlocks({ ...options, from: 6, to: 300 })).toMatchObject({ blocks: 295 })
  // Pruned blocks are known: nothing asks for their bodies again.
  expect(await importParts(chain, records)).toMatchObject({ blocks: 0, known: 300 })
})

it('an export tells how far it is', async () => {
  const chain = await openEmptyChain()
  const records = ChainBuilder.create(spec).mineEmpty(3).map(recordOf)
  await importParts(chain, records)
  const told: [blocks: number, bytes: number][] = []
  const file = join(temporaryDirectory(), 'out.dat')
  const onProgress = (blocks: number, bytes: number): void => void told.push([blocks, bytes])
  const { bytes } = await exportBlocks({ chain, file, from: 1, to: 3, force: false, onProgress })
  expect(told.map(([blocks]) => blocks)).toEqual([1, 2, 3])
  expect(told.at(-1)).toEqual([3, bytes])
})

it('an export of a block that the store has lost says so, and writes no file', async () => {
  const store = new MemoryChainStore()
  const chain = await ChainManager.open(spec, { store, verifier: inlineVerifier, clock: systemClock })
  await importParts(chain, ChainBuilder.create(spec).mineEmpty(3).map(recordOf))
  await store.commit({ pruned: [chain.at(2) as BlockNode] })
  const directory = temporaryDirectory()
  const options = { chain, file: join(directory, 'out.dat'), from: 1, to: 3, force: false }
  await expect(exportBlocks(options)).rejects.toMatchObject({
    code: 'store-inconsistent',
    message: expect.stringContaining('does not hold block 2 any more') as string,
  })
  expect(readdirSync(directory)).toEqual([])
})
