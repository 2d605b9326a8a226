import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ChainBuilder } from '@chain/core/testing'
import { expect, it } from 'vitest'
import { exportBlocks } from '../../src/block-file/export-blocks.ts'
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
