import type { ChainManager } from '@chain/core/chain'
import type { Block } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { withCoinbase } from '../block-changes.ts'
import { acceptAll, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()

/** A block whose coinbase pays too much: nothing but its coins tells. */
const greedy = withCoinbase((coinbase) => ({
  ...coinbase,
  outputs: coinbase.outputs.map((output, index) =>
    index === 0 ? { ...output, value: output.value + 1n } : output,
  ),
}))

/** What is told of blocks, with the height of the tip at that moment. */
function follow(chain: ChainManager): string[] {
  const told: string[] = []
  chain.subscribe((event) => {
    if (event.type === 'block-checked' || event.type === 'block-connected' || event.type === 'block-invalid')
      told.push(`${event.type} ${event.node.height} at ${chain.tip.height}`)
  })
  return told
}

describe('a block that follows the tip', () => {
  const main = ChainBuilder.create(spec)
  const [first, second] = main.mineEmpty(2) as [Block, Block]

  test('is told of when it is checked, before it is connected', async () => {
    const chain = await openChain(spec)
    const told = follow(chain)
    await chain.acceptBlock(first)
    expect(told).toEqual(['block-checked 1 at 0', 'block-connected 1 at 1'])
  })

  test('is told of though its coins turn out to be wrong', async () => {
    const chain = await openChain(spec, [first])
    const told = follow(chain)
    const bad = main.fork().mine({ spoil: greedy })
    expect(await acceptAll(chain, [second, bad])).toEqual(['connected', 'invalid'])
    expect(told.filter((line) => line.startsWith('block-checked'))).toEqual([
      'block-checked 2 at 1',
      'block-checked 3 at 2',
    ])
    expect(told.at(-1)).toBe('block-invalid 3 at 2')
  })

  test('is not told of when it is a damaged copy', async () => {
    const chain = await openChain(spec, [first])
    const told = follow(chain)
    await chain.acceptBlock({ ...second, transactions: [...second.transactions, ...second.transactions] })
    expect(told).toEqual([])
  })
})
