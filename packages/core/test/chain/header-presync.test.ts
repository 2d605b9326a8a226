import { ChainManager, HeaderPresync, MemoryChainStore } from '@chain/core/chain'
import {
  inlineVerifier,
  loadNetwork,
  MAX_FUTURE_SECONDS,
  medianTimePast,
  type RuleError,
} from '@chain/core/consensus'
import type { BlockHeader } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { FAR_FUTURE, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()
const clock = (): number => FAR_FUTURE

function headersOf(builder: ChainBuilder): BlockHeader[] {
  return builder.blocks.map(({ header }) => header)
}

/*
 *     g - 1 - 2 - … - 200           active
 *      \ 1'- … - 50'- … - 210'      first weak, in the end better
 */
const main = ChainBuilder.create(spec)
main.mineEmpty(200)
const other = ChainBuilder.create(spec)
other.mineEmpty(210, { extraNonce: 1 })

describe('acceptHeaders of a chain with little work', () => {
  test('keeps nothing and says how much is missing', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, main.blocks, { store })
    const before = [...store.readRecords()].length
    const outcome = await chain.acceptHeaders(headersOf(other).slice(0, 50))
    expect(outcome).toMatchObject({ status: 'low-work', required: chain.requiredWork, start: chain.genesis })
    expect([...store.readRecords()]).toHaveLength(before)
  })

  test('keeps headers within the allowance for reorganisations', async () => {
    const chain = await openChain(spec, main.blocks)
    const outcome = await chain.acceptHeaders(headersOf(other).slice(0, 60))
    expect(outcome).toMatchObject({ status: 'accepted', added: 60 })
  })

  test('takes headers that it knows already', async () => {
    const chain = await openChain(spec, main.blocks)
    expect(await chain.acceptHeaders(headersOf(main).slice(0, 10))).toMatchObject({
      status: 'accepted',
      added: 0,
    })
  })

  test('keeps headers of a chain that is known to have enough', async () => {
    const chain = await openChain(spec, main.blocks)
    const headers = headersOf(other).slice(0, 50)
    expect(await chain.acceptHeaders(headers, { hasRequiredWork: true })).toMatchObject({
      status: 'accepted',
      added: 50,
    })
  })

  test('holds a new node to the minimum work of its operator', async () => {
    const modules = { store: new MemoryChainStore(), verifier: inlineVerifier, clock }
    const minimumWork = other.tip.chainWork
    const chain = await ChainManager.open(spec, modules, { minimumWork })
    expect(await chain.acceptHeaders(headersOf(other).slice(0, 209))).toMatchObject({ status: 'low-work' })
    expect(await chain.acceptHeaders(headersOf(other))).toMatchObject({ status: 'accepted', added: 210 })
  })
})

describe('HeaderPresync', () => {
  test('follows a chain in batches until it has enough work', async () => {
    const chain = await openChain(spec, main.blocks)
    const requiredWork = chain.requiredWork
    const presync = new HeaderPresync({ params: spec.consensus, start: chain.genesis, requiredWork, clock })
    const headers = headersOf(other)
    presync.accept(headers.slice(0, 40))
    expect(presync.hasRequiredWork).toBe(false)
    presync.accept(headers.slice(40, 100))
    expect(presync.hasRequiredWork).toBe(true)
    expect(presync.work).toBe(other.tip.ancestor(100).chainWork)
    expect(presync.checkpoints).toEqual([40, 100].map((height) => other.tip.ancestor(height).hash))
    expect(presync.last).toEqual(other.tip.ancestor(100).hash)
  })

  test('checks each header as the chain manager does', () => {
    const { consensus } = loadNetwork('dev')
    const builder = ChainBuilder.create(
      testNetwork({ ...consensus, powLimit: 0x207fffff, genesis: spec.consensus.genesis }),
    )
    builder.mineEmpty(30)
    const start = builder.tip.ancestor(0)
    const options = { params: builder.spec.consensus, start, requiredWork: 1n << 255n, clock }
    const presync = new HeaderPresync(options)
    const headers = headersOf(builder)
    presync.accept(headers.slice(0, 20))
    const spoiled = { ...(headers[20] as BlockHeader), bits: 0x207ffffe }
    expect(codeOf(() => presync.accept([spoiled]))).toBe('header-target-wrong')
    expect(codeOf(() => presync.accept([headers[22] as BlockHeader]))).toBe('header-not-connected')
    presync.accept(headers.slice(20))
    expect(presync.work).toBe(builder.tip.chainWork)
  })

  test('remembers a window and gives the same verdicts beyond it', () => {
    const params = { ...spec.consensus, difficulty: { algorithm: 'retarget-2016' }, spacing: 600 } as const
    const builder = ChainBuilder.create(testNetwork(params))
    builder.mineEmpty(6_200)
    const start = builder.tip.ancestor(0)
    const presync = new HeaderPresync({
      params: builder.spec.consensus,
      start,
      requiredWork: 1n << 255n,
      clock,
    })
    const headers = headersOf(builder)
    for (let at = 0; at < headers.length; at += 1_000) presync.accept(headers.slice(at, at + 1_000))
    expect(presync.work).toBe(builder.tip.chainWork)
  })

  test('stops at the clock, however fast the headers follow each other', () => {
    const start = main.tip.ancestor(0)
    const now = start.header.time - MAX_FUTURE_SECONDS + 10
    const presync = new HeaderPresync({
      params: spec.consensus,
      start,
      requiredWork: 1n << 255n,
      clock: () => now,
    })
    const fast = ChainBuilder.create(spec)
    for (let height = 1; height <= 100; height++) fast.mine({ time: medianTimePast(fast.tip) + 1 })
    expect(codeOf(() => presync.accept(headersOf(fast)))).toBe('header-time-too-new')
    expect(fast.tip.ancestor(60).header.time).toBeGreaterThan(start.header.time + 10)
  })
})

function codeOf(act: () => void): string {
  try {
    act()
  } catch (error) {
    return (error as RuleError).code
  }
  return 'nothing'
}
