import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { ChainBuilder, ManualClock } from '@chain/core/testing'
import { expect, it } from 'vitest'
import { type CatchUp, formatCatchUp, watchCatchUp } from '../src/catch-up.ts'
import { systemClock } from '../src/clock.ts'
import { carelessVerifier } from './directory-with.ts'

/** A store that holds more blocks than are connected, of which a side branch is the higher one. */
async function storeBeyondTip(): Promise<{ builder: ChainBuilder; store: MemoryChainStore }> {
  const builder = ChainBuilder.create()
  const store = new MemoryChainStore()
  const modules = { store, verifier: carelessVerifier, clock: systemClock }
  const chain = await ChainManager.open(builder.spec, modules)
  for (const block of builder.mineEmpty(30)) await chain.acceptBlock(block)
  const first = chain.at(1)
  if (first === undefined) throw new Error('unreachable')
  await chain.invalidate(first)
  const records = [...store.readRecords()].map((record) => ({ ...record, validity: 'connected' as const }))
  await store.commit({ records })
  return { builder, store }
}

it('blocks that are connected while a chain is opened are told now and then, and not after that', async () => {
  const { builder, store } = await storeBeyondTip()
  const clock = new ManualClock(0)
  const told: CatchUp[] = []
  const watch = watchCatchUp((catchUp) => told.push(catchUp), clock.now)
  const modules = { store, verifier: carelessVerifier, clock: systemClock }
  const chain = await ChainManager.open(builder.spec, modules, {
    listener: (event) => {
      if (event.type === 'block-connected') clock.advance(500)
      watch.listener(event)
    },
  })
  watch.end()
  expect(told).toEqual([
    { height: 2, of: 30, blocksPerSecond: 2 },
    { height: 22, of: 30, blocksPerSecond: 2 },
  ])
  clock.advance(100_000)
  for (const block of builder.mineEmpty(2)) await chain.acceptBlock(block)
  expect(told).toHaveLength(2)
  expect(formatCatchUp(told[1] as CatchUp)).toBe(
    'Connecting blocks that are stored beyond the tip: height 22 of 30, 2 blocks/s.',
  )
})

it('what takes less than a second is not told', async () => {
  const { builder, store } = await storeBeyondTip()
  const told: CatchUp[] = []
  const watch = watchCatchUp((catchUp) => told.push(catchUp), new ManualClock(0).now)
  const modules = { store, verifier: carelessVerifier, clock: systemClock }
  const chain = await ChainManager.open(builder.spec, modules, { listener: watch.listener })
  expect([chain.tip.height, told]).toEqual([30, []])
})
