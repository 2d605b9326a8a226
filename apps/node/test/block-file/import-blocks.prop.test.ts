import { concatBytes } from '@chain/core/bytes'
import { type Block, blockHash } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  nat,
  shuffledSubarray,
  uint8Array,
} from 'fast-check'
import { expect, it } from 'vitest'
import { importParts, mineBlocks, openEmptyChain, recordOf, spec } from './block-files.ts'

const blocks = mineBlocks(5)
const tip = blockHash((blocks.at(-1) as Block).header)
const records = blocks.map(recordOf)
const all = records.map((_, index) => index)

/** A file of records, and where they begin and end. */
function layOut(parts: readonly Uint8Array[]): { readonly file: Uint8Array; readonly borders: number[] } {
  const borders = [0]
  for (const { length } of parts) borders.push((borders.at(-1) as number) + length)
  return { file: concatBytes(...parts), borders }
}

it('the tip does not depend on the order of the records, nor on what stands between them', async () => {
  const gap = uint8Array({ maxLength: 300 })
  await assert(
    asyncProperty(
      shuffledSubarray(all, { minLength: all.length }),
      array(constantFrom(...all), { maxLength: 4 }),
      array(gap, { minLength: 20, maxLength: 20 }),
      async (order, copies, gaps) => {
        const chain = await openEmptyChain()
        const parts = [...order, ...copies].flatMap((index, position) => [
          gaps[position] as Uint8Array,
          records[index] as Uint8Array,
        ])
        const report = await importParts(chain, parts)
        expect(report).toMatchObject({ blocks: all.length, known: copies.length, isEverythingTaken: true })
        expect(chain.tip.hash).toEqual(tip)
      },
    ),
    { numRuns: 50 },
  )
})

it('a file that was cut at any byte gives the blocks before it, and tells of the rest', async () => {
  const { file, borders } = layOut(ChainBuilder.create(spec).mineEmpty(3).map(recordOf))
  for (let length = 0; length <= file.length; length++) {
    const chain = await openEmptyChain()
    const report = await importParts(chain, [file.subarray(0, length)])
    const whole = borders.filter((border) => border <= length).length - 1
    expect(chain.tip.height).toBe(whole)
    expect(report.blocks).toBe(whole)
    expect(report.rejections.map(({ offset }) => offset)).toEqual(
      borders.includes(length) ? [] : [borders[whole]],
    )
  }
})

it('flipped bits never end an import, and never bring in what does not stand in the file', async () => {
  const { file, borders } = layOut(records)
  await assert(
    asyncProperty(
      array(nat(file.length * 8 - 1), { minLength: 1, maxLength: 8 }),
      integer({ min: 0, max: 1 }),
      async (bits, isReversed) => {
        const damaged = Uint8Array.from(file)
        for (const bit of bits) damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
        const parts = all.map((index) => damaged.subarray(borders[index], borders[index + 1]))
        const chain = await openEmptyChain()
        await importParts(chain, isReversed === 1 ? parts.toReversed() : parts)
        const firstDamaged = all.findIndex(
          (index) => !Buffer.from(parts[index] as Uint8Array).equals(records[index] as Uint8Array),
        )
        const untouched = firstDamaged === -1 ? all.length : firstDamaged
        expect(chain.tip.height).toBeGreaterThanOrEqual(untouched)
        for (let height = 1; height <= chain.tip.height; height++) {
          const body = chain.readBody(chain.at(height) ?? chain.genesis) as Uint8Array
          expect(Buffer.from(damaged).includes(Buffer.from(body))).toBe(true)
        }
      },
    ),
    { numRuns: 200 },
  )
})
