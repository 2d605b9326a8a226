import { ChainManager, HeaderPresync, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier, loadNetwork } from '@chain/core/consensus'
import { type BlockHeader, blockHash } from '@chain/core/primitives'
import { ChainBuilder, solve } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { withHeader } from '../block-changes.ts'
import { acceptAll, FAR_FUTURE, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'
import { refusal } from '../refusal.ts'

const spec = testNetwork()
const builder = ChainBuilder.create(spec)
builder.mineEmpty(40)
const headers = builder.blocks.map(({ header }) => header)
const clock = (): number => FAR_FUTURE

/** Headers on top of one another, without bodies. */
function extend(from: BlockHeader, count: number): BlockHeader[] {
  const result: BlockHeader[] = []
  let last = from
  for (let i = 0; i < count; i++) {
    const header = { ...last, parent: blockHash(last), time: last.time + 1, nonce: 0 }
    last = solve({ header, transactions: [] }).header
    result.push(last)
  }
  return result
}

describe('a chain of headers with little work', () => {
  test('is not kept where the operator asks for more', async () => {
    const minimumWork = builder.tip.ancestor(30).chainWork
    const modules = { store: new MemoryChainStore(), verifier: inlineVerifier, clock }
    const chain = await ChainManager.open(spec, modules, { minimumWork })
    expect(await chain.acceptHeaders(headers.slice(0, 29))).toEqual({
      status: 'low-work',
      work: builder.tip.ancestor(29).chainWork,
      required: minimumWork,
      start: chain.genesis,
    })
    expect(chain.bestHeader).toBe(chain.genesis)
    expect((await chain.acceptHeaders(headers.slice(0, 30))).status).toBe('accepted')
  })

  test('is kept when the caller knows that it has enough', async () => {
    const modules = { store: new MemoryChainStore(), verifier: inlineVerifier, clock }
    const chain = await ChainManager.open(spec, modules, { minimumWork: builder.tip.chainWork })
    expect((await chain.acceptHeaders(headers.slice(0, 10), { hasRequiredWork: true })).status).toBe(
      'accepted',
    )
    expect((await chain.acceptHeaders(headers.slice(0, 5))).status).toBe('accepted')
  })

  test('is not kept far below the tip, but near it', async () => {
    const long = ChainBuilder.create(spec)
    long.mineEmpty(200)
    const chain = await openChain(spec, long.blocks)
    const genesis = spec.consensus.genesis.header
    expect((await chain.acceptHeaders(extend({ ...genesis, version: 4 }, 3).slice(1))).status).toBe(
      'missing-parent',
    )
    const low = extend(long.tip.ancestor(20).header, 30)
    const near = extend(long.tip.ancestor(60).header, 30)
    expect((await chain.acceptHeaders(low)).status).toBe('low-work')
    expect((await chain.acceptHeaders(near)).status).toBe('accepted')
  })
})

describe('a presynchronisation', () => {
  async function presync(): Promise<HeaderPresync> {
    const chain = await openChain(spec)
    const requiredWork = builder.tip.ancestor(35).chainWork
    return new HeaderPresync({ params: spec.consensus, start: chain.genesis, requiredWork, clock })
  }

  test('adds up the work until it suffices', async () => {
    const run = await presync()
    run.accept(headers.slice(0, 20))
    expect(run.work).toBe(builder.tip.ancestor(20).chainWork)
    expect(run.hasRequiredWork).toBe(false)
    expect(run.last).toEqual(builder.tip.ancestor(20).hash)
    run.accept(headers.slice(20, 35))
    expect(run.hasRequiredWork).toBe(true)
    expect(run.checkpoints).toEqual([20, 35].map((height) => builder.tip.ancestor(height).hash))
  })

  test('refuses a gap, and a header that breaks a rule', async () => {
    const run = await presync()
    run.accept(headers.slice(0, 20))
    expect(refusal(() => run.accept(headers.slice(21))).code).toBe('header-not-connected')
    const bad = withHeader({ version: 1 })(builder.blocks[20] as never)
    expect(refusal(() => run.accept([solve(bad).header])).code).toBe('header-version-obsolete')
  })

  test('judges headers as the chain does, however many there were', async () => {
    const asert = testNetwork({ difficulty: { algorithm: 'asert', halfLife: 3_600 }, spacing: 60 })
    const line = ChainBuilder.create(asert)
    for (let i = 0; i < 60; i++) line.mine({ time: line.tip.header.time + 40 })
    const chain = await openChain(asert)
    await acceptAll(chain, line.blocks.slice(0, 10))
    const requiredWork = line.tip.chainWork
    const run = new HeaderPresync({ params: asert.consensus, start: chain.tip, requiredWork, clock })
    for (let height = 10; height < 60; height += 7) {
      run.accept(line.blocks.slice(height, height + 7).map(({ header }) => header))
    }
    expect(run.hasRequiredWork).toBe(true)
  })

  test('forgets old headers and goes on', async () => {
    const { consensus } = loadNetwork('regtest')
    const chain = await openChain(loadNetwork('regtest'))
    const run = new HeaderPresync({
      params: consensus,
      start: chain.genesis,
      requiredWork: 1n << 200n,
      clock,
    })
    const long = extend({ ...consensus.genesis.header, version: 4 }, 1)
    const first = solve({
      header: { ...(long[0] as BlockHeader), parent: chain.genesis.hash },
      transactions: [],
    }).header
    run.accept([first])
    let last = first
    for (let batch = 0; batch < 5; batch++) {
      const next = extend(last, 1_000)
      run.accept(next)
      last = next.at(-1) as BlockHeader
    }
    expect(run.last).toEqual(blockHash(last))
    expect(run.work).toBe(2n * 5_002n)
  })
})
