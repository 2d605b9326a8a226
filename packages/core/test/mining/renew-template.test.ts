import { createBlockTemplate, renewTemplate, withExtraNonce } from '@chain/core/mining'
import { blockHash, merkleRoot, type Transaction, txids } from '@chain/core/primitives'
import { ChainBuilder, solve } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const builder = ChainBuilder.create(testNetwork())
const { spec, key } = builder
const options = {
  params: spec.consensus,
  parent: builder.tip,
  entries: [],
  script: key.script,
  now: builder.tip.header.time + 100,
}
const template = createBlockTemplate({ ...options, extraNonce: 2 ** 32 - 2 })
const { time } = template.header

describe('a template whose nonces are used up', () => {
  test('goes on with the time, when the clock went on', () => {
    const renewed = renewTemplate(template, time + 3)
    expect(renewed.header).toEqual({ ...template.header, time: time + 3 })
    expect(renewed.transactions).toBe(template.transactions)
  })

  test.each([time, time - 50])('goes on with the extra nonce, when the clock did not', (now) => {
    const renewed = renewTemplate(template, now)
    expect(renewed).toEqual(createBlockTemplate({ ...options, extraNonce: 2 ** 32 - 1 }))
    expect(renewTemplate(renewed, now)).toEqual(createBlockTemplate({ ...options, extraNonce: 0 }))
  })

  test('never has the same header twice', () => {
    const hashes = new Set<string>()
    let next = template
    for (let attempt = 0; attempt < 50; attempt++) {
      hashes.add(blockHash(next.header).join())
      next = renewTemplate(next, time + Math.floor(attempt / 10))
    }
    expect(hashes.size).toBe(50)
  })

  test('stays a block that the chain accepts', async () => {
    const other = withExtraNonce(renewTemplate(template, time + 1), 77)
    expect(other.header.merkleRoot).toEqual(merkleRoot(txids(other.transactions)))
    const chain = await openChain(spec, [])
    expect(await chain.acceptBlock(solve(other))).toMatchObject({ status: 'connected' })
  })

  test('begins with a coinbase that has an extra nonce', () => {
    const { header } = template
    expect(() => withExtraNonce({ header, transactions: [] }, 1)).toThrow('extra nonce')
    const [coinbase] = template.transactions as [Transaction]
    const bare = {
      ...coinbase,
      inputs: coinbase.inputs.map((input) => ({ ...input, scriptSig: new Uint8Array(2) })),
    }
    expect(() => withExtraNonce({ header, transactions: [bare] }, 1)).toThrow('extra nonce')
  })
})
