import { loadNetwork } from '@chain/core/consensus'
import { shortId, shortIdKey, type Transaction, wtxid } from '@chain/core/primitives'
import { describe, expect, it } from 'vitest'
import { PartialBlock } from '../../src/relay/partial-block.ts'

const { header } = loadNetwork('regtest').consensus.genesis
const key = shortIdKey(header, 0n)

function transaction(lockTime: number): Transaction {
  const previousOutput = { txid: new Uint8Array(32), index: 0 }
  const input = { previousOutput, scriptSig: new Uint8Array(), sequence: 0, witness: [] }
  return { version: 2, inputs: [input], outputs: [], lockTime }
}

/** Found by trying 36,000,000: under this header and nonce both have the short id 247983899830884. */
const [one, twin] = [transaction(3_616_667), transaction(4_727_919)] as const
const other = transaction(0)

function begin(...transactions: readonly Transaction[]): PartialBlock {
  const shortIds = transactions.map((each) => shortId(key, wtxid(each)))
  const partial = PartialBlock.begin({ header, nonce: 0n, shortIds, prefilled: [] })
  if (!(partial instanceof PartialBlock)) throw new Error(`The block is ${partial}.`)
  return partial
}

describe('a short id that two transactions of ours have', () => {
  it('is that of both', () => {
    expect(shortId(key, wtxid(one))).toBe(247_983_899_830_884)
    expect(shortId(key, wtxid(twin))).toBe(247_983_899_830_884)
  })

  it('is asked for, whichever comes first, and however often', () => {
    for (const ours of [
      [one, twin],
      [twin, one],
      [one, twin, one],
    ]) {
      const partial = begin(one, other)
      partial.fillFrom([...ours, other])
      expect(partial.missing).toEqual([0])
      expect(partial.complete([one])).toBe(true)
      expect(partial.block?.transactions).toEqual([one, other])
    }
  })

  it('is taken for granted when there is only one, which the Merkle root tells in the end', () => {
    const partial = begin(one)
    partial.fillFrom([twin])
    expect(partial.block?.transactions).toEqual([twin])
  })

  it('is no matter when both are the same transaction', () => {
    const partial = begin(one, other)
    partial.fillFrom([one, { ...one }, other])
    expect(partial.missing).toEqual([])
  })
})

describe('a compact block', () => {
  it('in which two transactions have one short id cannot be put together', () => {
    const id = shortId(key, wtxid(one))
    expect(PartialBlock.begin({ header, nonce: 0n, shortIds: [id, id], prefilled: [] })).toBe('ambiguous')
  })

  it('without transactions, or with more than fit into a block, is none', () => {
    expect(PartialBlock.begin({ header, nonce: 0n, shortIds: [], prefilled: [] })).toBe('malformed')
    const shortIds = Array.from({ length: 16_667 }, (_, index) => index)
    expect(PartialBlock.begin({ header, nonce: 0n, shortIds, prefilled: [] })).toBe('malformed')
    expect(
      PartialBlock.begin({ header, nonce: 0n, shortIds: shortIds.slice(1), prefilled: [] }),
    ).toBeInstanceOf(PartialBlock)
  })
})
