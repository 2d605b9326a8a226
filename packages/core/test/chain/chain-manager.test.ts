import { type BlockNode, ChainManager, MAX_HEADERS, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import { InvariantError, OperationalError } from '@chain/core/errors'
import { type Block, blockHash, decodeBlock, encodeBlock, formatHash } from '@chain/core/primitives'
import { ChainBuilder, solve } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { withHeader } from '../block-changes.ts'
import { FAR_FUTURE, openChain, recordEvents } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()
const builder = ChainBuilder.create(spec)
builder.mineEmpty(30)
const headers = builder.blocks.map(({ header }) => header)

function heights(nodes: readonly (BlockNode | undefined)[]): (number | undefined)[] {
  return nodes.map((node) => node?.height)
}

describe('a new chain', () => {
  test('holds the genesis block, body and all', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, [], { store })
    expect(chain.tip).toBe(chain.genesis)
    expect(chain.bestHeader).toBe(chain.genesis)
    expect(store.readTip()).toEqual(chain.genesis.hash)
    expect(decodeBlock(chain.readBody(chain.genesis) ?? new Uint8Array()).header).toEqual(
      spec.consensus.genesis.header,
    )
    expect([...store.readCoins()]).toEqual([])
  })

  test('knows the genesis block as a duplicate', async () => {
    const chain = await openChain(spec)
    expect((await chain.acceptBlock(spec.consensus.genesis)).status).toBe('duplicate')
    expect(await chain.acceptHeaders([spec.consensus.genesis.header])).toMatchObject({
      status: 'accepted',
      added: 0,
    })
  })

  test('does not take the genesis block of another network', async () => {
    const other = solve(withHeader({ time: 1 })(spec.consensus.genesis))
    const chain = await openChain(spec)
    expect((await chain.acceptBlock(other)).status).toBe('missing-parent')
  })
})

describe('a chain', () => {
  test('finds blocks by hash and by height', async () => {
    const chain = await openChain(spec, builder.blocks)
    expect(chain.find(builder.tip.hash)).toBe(chain.tip)
    expect(chain.find(new Uint8Array(32))).toBeUndefined()
    expect(heights([0, 30, 31].map((height) => chain.at(height)))).toEqual([0, 30, undefined])
    expect(chain.isActive(chain.at(7) as BlockNode)).toBe(true)
    expect(chain.readBody(chain.at(7) as BlockNode)).toEqual(encodeBlock(builder.blocks[6] as Block))
  })

  test('gives out the headers that another node lacks', async () => {
    const chain = await openChain(spec, builder.blocks)
    const at = (height: number): Uint8Array => builder.tip.ancestor(height).hash
    expect(chain.headersAfter([at(28)])).toEqual(headers.slice(28))
    expect(chain.headersAfter([new Uint8Array(32), at(27), at(5)])).toEqual(headers.slice(27))
    expect(chain.headersAfter([])).toEqual(headers)
    expect(chain.headersAfter([new Uint8Array(32)])).toEqual(headers)
    expect(chain.headersAfter([at(30)])).toEqual([])
    expect(chain.headersAfter([at(10)], at(12))).toEqual(headers.slice(10, 12))
    expect(chain.headersAfter([at(10)], undefined, 3)).toEqual(headers.slice(10, 13))
    expect(chain.headersAfter([at(10)], at(4))).toEqual([])
    expect(chain.headersAfter([at(10)], new Uint8Array(32))).toEqual(headers.slice(10))
  })

  test('makes a locator of its best headers', async () => {
    const chain = await openChain(spec)
    await chain.acceptHeaders(headers)
    const [first, second] = chain.locator()
    expect(first).toEqual(builder.tip.hash)
    expect(second).toEqual(builder.tip.ancestor(29).hash)
    expect(chain.locator().at(-1)).toEqual(chain.genesis.hash)
  })

  test('lists the bodies that it lacks, lowest first', async () => {
    const chain = await openChain(spec)
    await chain.acceptHeaders(headers)
    await chain.acceptBlock(builder.blocks[1] as Block)
    expect(heights(chain.missingBodies(3))).toEqual([1, 3, 4])
    expect(chain.missingBodies(1_000)).toHaveLength(29)
    expect(chain.missingBodies(0)).toEqual([])
  })

  test('takes headers in batches with a bound', async () => {
    const chain = await openChain(spec)
    expect(() => chain.acceptHeaders([])).toThrow(InvariantError)
    expect(() => chain.acceptHeaders(new Array(MAX_HEADERS + 1).fill(headers[0]))).toThrow(InvariantError)
  })

  test('keeps the headers before one that breaks a rule', async () => {
    const chain = await openChain(spec)
    const bad = builder.fork().mine({ spoil: withHeader({ version: 1 }) })
    const outcome = await chain.acceptHeaders([...headers, bad.header])
    expect(outcome).toMatchObject({
      status: 'invalid',
      error: { code: 'header-version-obsolete' },
      hash: blockHash(bad.header),
    })
    expect(chain.bestHeader.height).toBe(30)
  })

  test('tells a listener of everything until it leaves', async () => {
    const chain = await openChain(spec)
    const events: string[] = []
    const leave = chain.subscribe((event) => events.push(event.type))
    await chain.acceptBlock(builder.blocks[0] as Block)
    leave()
    await chain.acceptBlock(builder.blocks[1] as Block)
    expect(events).toEqual(['best-header-changed', 'block-checked', 'block-connected', 'tip-changed'])
  })

  test('tells of better headers, and of no others', async () => {
    const chain = await openChain(spec)
    const told: number[] = []
    chain.subscribe((event) => {
      if (event.type === 'best-header-changed') told.push(event.header.height)
    })
    await chain.acceptHeaders(headers.slice(0, 10))
    await chain.acceptHeaders(headers.slice(0, 5))
    await chain.acceptHeaders([
      builder.fork().mine({ spoil: withHeader({ parent: chain.genesis.hash }) }).header,
    ])
    await chain.acceptHeaders(headers)
    expect(told).toEqual([10, 30])
  })

  test('goes on after a block whose signatures could not be checked', async () => {
    let isBroken = true
    const verifier = {
      name: 'sometimes broken',
      findInvalid(checks: Parameters<typeof inlineVerifier.findInvalid>[0]): Promise<number | undefined> {
        if (isBroken) return Promise.reject(new OperationalError('workers-gone', 'The workers are gone.'))
        return inlineVerifier.findInvalid(checks)
      },
    }
    const store = new MemoryChainStore()
    const chain = await ChainManager.open(spec, { store, verifier, clock: () => FAR_FUTURE })
    const events = recordEvents(chain)
    const block = builder.blocks[0] as Block
    await expect(chain.acceptBlock(block)).rejects.toThrow('The workers are gone.')
    expect(chain.tip).toBe(chain.genesis)
    expect(events).toEqual([])
    isBroken = false
    expect((await chain.acceptBlock(block)).status).toBe('connected')
    const again = await openChain(spec, [], { store })
    expect(formatHash(again.tip.hash)).toBe(formatHash(blockHash(block.header)))
  })
})

describe('a store', () => {
  test('of another network is refused', async () => {
    const store = new MemoryChainStore()
    await openChain(spec, builder.blocks.slice(0, 2), { store })
    const genesis = solve(withHeader({ time: 1_500_000_000 })(spec.consensus.genesis))
    await expect(openChain(testNetwork({ genesis }), [], { store })).rejects.toMatchObject({
      name: 'OperationalError',
      code: 'store-inconsistent',
    })
  })

  test('whose tip is unknown is refused', async () => {
    const store = new MemoryChainStore()
    await openChain(spec, builder.blocks.slice(0, 2), { store })
    await store.commit({ tip: new Uint8Array(32) })
    await expect(openChain(spec, [], { store })).rejects.toMatchObject({ code: 'store-inconsistent' })
  })

  test('holds the chain when it is opened again', async () => {
    const store = new MemoryChainStore()
    await openChain(spec, builder.blocks, { store })
    const again = await openChain(spec, [], { store })
    expect(again.tip.hash).toEqual(builder.tip.hash)
    expect(again.tip.chainWork).toBe(builder.tip.chainWork)
    expect(heights([1, 15, 30].map((height) => again.at(height)))).toEqual([1, 15, 30])
  })
})
