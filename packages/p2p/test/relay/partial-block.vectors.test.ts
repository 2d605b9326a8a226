import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { checkBlock } from '@chain/core/consensus'
import { decodeBlock, decodeCompactBlock, encodeBlock } from '@chain/core/primitives'
import { describe, expect, it } from 'vitest'
import { PartialBlock } from '../../src/relay/partial-block.ts'

const folder = process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../../../../shared/vectors')
const files = ['compact426884.raw', 'block426884.raw'].map((name) => join(folder, name))
const isAbsent = !files.every((path) => existsSync(path))

/** A real block of Bitcoin's main network with its compact form, made by others. */
describe('the real block 426884', () => {
  if (isAbsent) {
    it.skipIf(isAbsent)(`needs ${files.join(' and ')}, or CHAIN_VECTORS to name their folder`)
    return
  }
  const [compact, whole] = files.map((path) => Uint8Array.from(readFileSync(path))) as [
    Uint8Array,
    Uint8Array,
  ]
  const { transactions } = decodeBlock(whole)

  function begin(): PartialBlock {
    const partial = PartialBlock.begin(decodeCompactBlock(compact))
    if (!(partial instanceof PartialBlock)) throw new Error(`The block is ${partial}.`)
    return partial
  }

  it('is put together from its compact form and its transactions in any order', () => {
    const partial = begin()
    partial.fillFrom(transactions.toReversed())
    const { block } = partial
    if (block === undefined) throw new Error(`The block lacks ${partial.missing.length} transactions.`)
    checkBlock(block)
    expect(encodeBlock(block)).toEqual(whole)
    expect(compact.length).toBeLessThan(whole.length / 50)
  })

  it('lacks those that are not here', () => {
    const partial = begin()
    partial.fillFrom(transactions.filter((_, index) => index % 10 !== 1))
    const missing = transactions.flatMap((_, index) => (index % 10 === 1 ? index : []))
    expect(partial.missing).toEqual(missing)
    expect(partial.complete(missing.flatMap((index) => transactions[index] ?? []))).toBe(true)
    if (partial.block !== undefined) expect(encodeBlock(partial.block)).toEqual(whole)
  })
})
