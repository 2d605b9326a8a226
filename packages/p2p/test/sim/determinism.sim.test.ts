import { createSimulation, startBreakage, startChurn, startMining, uniform } from '@chain/p2p/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createPayments } from './payments.ts'

const minute = 60_000
const { blocks, transactions } = createPayments(10)

/** Everything that a simulation can do, in three minutes of its time. */
async function digestOf(seed: number): Promise<string> {
  const simulation = await createSimulation({
    seed,
    nodes: 8,
    outbound: 3,
    line: { latency: uniform(10, 200), jitter: uniform(0, 20), loss: 0.02 },
    bandwidth: uniform(50_000, 500_000),
    effort: ({ transactions: all }) => 5 + all.length,
    blocks,
  })
  simulation.addHostile('block-liar')
  const stops = [
    startMining(simulation, { interval: 10_000 }),
    startChurn(simulation, { interval: 20_000, absence: 10_000 }),
    startBreakage(simulation, { interval: 10_000 }),
  ]
  await simulation.run(minute)
  for (const transaction of transactions) await simulation.running[0]?.submit(transaction)
  simulation.partition([simulation.nodes.slice(0, 4), simulation.nodes.slice(4)])
  await simulation.run(minute)
  simulation.heal()
  await simulation.run(minute)
  for (const stop of stops) stop()
  await simulation.stop()
  return simulation.digest
}

it('the same seed gives the same events, and another seed gives others', async () => {
  const [first, again, other] = [await digestOf(1), await digestOf(1), await digestOf(2)]
  expect(again).toBe(first)
  expect(other).not.toBe(first)
})

it('nodes agree whatever the seed, once partitions heal and everybody is back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const simulation = await createSimulation({ seed, nodes: 6, outbound: 2 })
      const stops = [
        startMining(simulation, { interval: 10_000 }),
        startChurn(simulation, { interval: 15_000, absence: 10_000 }),
      ]
      await simulation.run(minute)
      simulation.partition([simulation.nodes.slice(0, 3), simulation.nodes.slice(3)])
      await simulation.run(2 * minute)
      for (const stop of stops) stop()
      simulation.heal()
      await simulation.runUntil(() => simulation.running.length === 6, 5 * minute)
      await simulation.run(5 * minute)
      // Of two branches with equal work, everybody keeps the one that it saw first.
      await simulation.node(0).mine()
      await simulation.converge(10 * minute)
      await simulation.stop()
    }),
    { numRuns: 5 },
  )
})
