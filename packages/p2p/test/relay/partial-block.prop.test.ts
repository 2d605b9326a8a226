import {
  type Block,
  createCompactBlock,
  decodeCompactBlock,
  encodeCompactBlock,
  type Transaction,
} from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PartialBlock } from '../../src/relay/partial-block.ts'

const builder = ChainBuilder.create()
builder.mineEmpty(112)
const payments = builder
  .spendable()
  .map((coin) =>
    builder.spend([coin], [{ value: coin[1].output.value - 10_000n, scriptPubKey: testKey('payee').script }]),
  )
const others = payments.map((payment) => ({ ...payment, lockTime: 1 }))
const block = builder.mine({ transactions: payments })
const places = fc.uniqueArray(fc.nat({ max: block.transactions.length - 1 }))
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

/** The compact form of the block with the transactions at these places in full. */
function begin(nonce: bigint, inFull: readonly number[]): PartialBlock {
  const all = createCompactBlock(block, nonce)
  const ids = [undefined, ...all.shortIds]
  const prefilled = [...new Set([0, ...inFull])].sort((a, b) => a - b)
  const compact = {
    ...all,
    shortIds: ids.flatMap((id, index) => (id === undefined || prefilled.includes(index) ? [] : id)),
    prefilled: prefilled.map((index) => ({ index, transaction: block.transactions[index] as Transaction })),
  }
  const partial = PartialBlock.begin(decodeCompactBlock(encodeCompactBlock(compact)))
  if (!(partial instanceof PartialBlock)) throw new Error(`The block is ${partial}.`)
  return partial
}

it('lacks what is neither here nor sent, and is whole with it', () => {
  fc.assert(
    fc.property(uint64, places, places, (nonce, inFull, here) => {
      const partial = begin(nonce, inFull)
      partial.fillFrom([...others, ...here.map((index) => block.transactions[index] as Transaction)])
      const missing = block.transactions.flatMap((_, index) =>
        index === 0 || inFull.includes(index) || here.includes(index) ? [] : index,
      )
      expect(partial.missing).toEqual(missing)
      expect(partial.block === undefined).toBe(missing.length > 0)
      expect(partial.complete(missing.map((index) => block.transactions[index] as Transaction))).toBe(true)
      expectSame(partial.block)
    }),
  )
})

it('takes no other transactions than those that it lacks, in their order', () => {
  fc.assert(
    fc.property(
      uint64,
      places,
      fc.array(fc.nat({ max: block.transactions.length - 1 })),
      (nonce, here, sent) => {
        const partial = begin(nonce, [])
        partial.fillFrom(here.map((index) => block.transactions[index] as Transaction))
        const { missing } = partial
        const fits = sent.length === missing.length && sent.every((index, at) => index === missing[at])
        expect(partial.complete(sent.map((index) => block.transactions[index] as Transaction))).toBe(fits)
        expect(partial.missing).toEqual(fits ? [] : missing)
      },
    ),
  )
})

function expectSame(whole: Block | undefined): void {
  expect(whole?.transactions.map(({ lockTime, outputs }) => ({ lockTime, outputs }))).toEqual(
    block.transactions.map(({ lockTime, outputs }) => ({ lockTime, outputs })),
  )
}
