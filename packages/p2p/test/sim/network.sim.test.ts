import {
  createSimulation,
  type Simulation,
  type SimulationOptions,
  startBreakage,
  startChurn,
  startMining,
  uniform,
} from '@chain/p2p/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPayments } from './payments.ts'

const minute = 60_000

async function simulate(options: Partial<SimulationOptions> = {}): Promise<Simulation> {
  const simulation = await createSimulation({ seed: 1, nodes: 30, ...options })
  onTestFinished(() => simulation.stop())
  return simulation
}

/** Nobody loses points for what honest nodes do. */
function expectNoPenalties(simulation: Simulation): void {
  simulation.subscribe((event) => {
    if (event.type === 'penalty' || event.type === 'warning') expect(event).toBeUndefined()
  })
}

describe('nodes', () => {
  it('find each other, thirty of them, and a block reaches them all', async () => {
    const simulation = await simulate()
    expectNoPenalties(simulation)
    await simulation.run(minute)
    for (const { peers } of simulation.nodes) expect(peers.length).toBeGreaterThanOrEqual(8)
    const block = await simulation.node(7).mine()
    const time = await simulation.converge(minute)
    expect(simulation.node(0).chain.tip.header).toEqual(block?.header)
    expect(time).toBeLessThan(10_000)
  })

  it('agree on one chain while all of them mine', async () => {
    const simulation = await simulate()
    expectNoPenalties(simulation)
    const stop = startMining(simulation, { interval: 5_000 })
    await simulation.run(3 * minute)
    stop()
    await simulation.run(minute)
    await simulation.node(0).mine()
    await simulation.converge(minute)
    expect(simulation.node(0).chain.tip.height).toBeGreaterThan(15)
  })

  it('pass on transactions to everybody, and mine them', async () => {
    const { blocks, transactions } = createPayments(20)
    const simulation = await simulate({ blocks })
    expectNoPenalties(simulation)
    await simulation.run(minute)
    for (const [index, transaction] of transactions.entries()) {
      await simulation.node(index).submit(transaction)
    }
    const isThere = (): boolean =>
      simulation.nodes.every(({ mempool }) => mempool.count === transactions.length)
    await simulation.runUntil(isThere, 2 * minute)
    await simulation.node(29).mine()
    await simulation.converge(minute)
    for (const { mempool } of simulation.nodes) expect(mempool.count).toBe(0)
  })

  it('may all have transactions from the beginning, except those who come late', async () => {
    const { blocks, transactions } = createPayments(5)
    const simulation = await simulate({ nodes: 4, blocks, transactions })
    expectNoPenalties(simulation)
    for (const { mempool } of simulation.nodes) expect(mempool.count).toBe(transactions.length)
    const late = await simulation.addNode({ isNew: true })
    expect(late.mempool.count).toBe(0)
    await simulation.runUntil(() => late.mempool.count === transactions.length, minute)
  })

  it('do not begin with transactions that their chain refuses', async () => {
    const { transactions } = createPayments(2)
    const refused = simulate({ nodes: 2, transactions })
    await expect(refused).rejects.toMatchObject({ code: 'simulation-transactions' })
  })

  it('come to one tip again after a partition in which both halves have mined', async () => {
    const simulation = await simulate()
    await simulation.run(minute)
    const [left, right] = [simulation.nodes.slice(0, 15), simulation.nodes.slice(15)]
    simulation.partition([left, right])
    const stops = [left, right].map((nodes) => startMining(simulation, { interval: 20_000, nodes }))
    await simulation.run(4 * minute)
    for (const stop of stops) stop()
    await simulation.run(minute)
    const tips = [left, right].map((nodes) => new Set(nodes.map(({ chain }) => chain.tip.hash.join())))
    expect(tips.map(({ size }) => size)).toEqual([1, 1])
    expect(tips[0]).not.toEqual(tips[1])
    simulation.heal()
    await simulation.run(2 * minute)
    // Of two branches with equal work, everybody keeps the one that it saw first.
    await simulation.node(3).mine()
    await simulation.converge(5 * minute)
  })

  it('agree although lines lose frames and connections break', async () => {
    const simulation = await simulate({
      nodes: 15,
      line: { latency: uniform(20, 300), jitter: uniform(0, 50), loss: 0.05 },
    })
    const stops = [
      startMining(simulation, { interval: 15_000 }),
      startBreakage(simulation, { interval: 4_000 }),
    ]
    await simulation.run(5 * minute)
    for (const stop of stops) stop()
    await simulation.run(minute)
    await simulation.node(0).mine()
    await simulation.converge(5 * minute)
    expect(simulation.node(0).chain.tip.height).toBeGreaterThan(5)
  })

  it('agree although nodes come and go', async () => {
    const simulation = await simulate({ nodes: 15 })
    const stops = [
      startMining(simulation, { interval: 15_000 }),
      startChurn(simulation, { interval: 10_000, absence: 30_000 }),
    ]
    await simulation.run(5 * minute)
    for (const stop of stops) stop()
    await simulation.runUntil(() => simulation.running.length === 15, 10 * minute)
    await simulation.run(minute)
    await simulation.node(0).mine()
    await simulation.converge(5 * minute)
  })

  it('bring somebody up to date who comes late', async () => {
    const { blocks } = createPayments(200)
    const simulation = await simulate({ nodes: 10, blocks })
    expectNoPenalties(simulation)
    await simulation.run(minute)
    const late = await simulation.addNode({ isNew: true })
    await simulation.runUntil(() => late.chain.tip.height === blocks.length, 2 * minute)
  })
})

describe('a minority of hostile peers', () => {
  it.each(['silent', 'staller', 'header-liar', 'block-liar', 'flooder'] as const)(
    'does not keep honest nodes from agreeing: %s',
    async (kind) => {
      const simulation = await simulate({ nodes: 6 })
      for (let index = 0; index < 2; index++) simulation.addHostile(kind)
      const stop = startMining(simulation, { interval: 10_000 })
      await simulation.run(minute)
      stop()
      await simulation.run(minute)
      await simulation.node(0).mine()
      await simulation.converge(5 * minute)
      expect(simulation.node(0).chain.tip.height).toBeGreaterThan(2)
    },
  )

  it('does not keep somebody who comes late from learning the chain', async () => {
    const { blocks } = createPayments(100)
    const simulation = await simulate({ nodes: 6, blocks, seed: 2 })
    for (const kind of ['silent', 'staller', 'staller', 'header-liar', 'block-liar'] as const) {
      simulation.addHostile(kind)
    }
    await simulation.run(minute)
    const late = await simulation.addNode({ isNew: true })
    await simulation.runUntil(() => late.chain.tip.height >= blocks.length, 10 * minute)
  })

  it('does not stop blocks for long by showing headers of blocks that nobody gets', async () => {
    const simulation = await simulate({ nodes: 8 })
    for (let index = 0; index < 2; index++) simulation.addHostile('withholder')
    const stop = startMining(simulation, { interval: 15_000 })
    await simulation.run(10 * minute)
    stop()
    await simulation.run(minute)
    await simulation.node(0).mine()
    await simulation.node(0).mine()
    await simulation.converge(5 * minute)
    expect(simulation.node(0).chain.tip.height).toBeGreaterThan(5)
  })

  it('is parted from when it lies', async () => {
    const simulation = await simulate({ nodes: 6 })
    const liars = (['header-liar', 'block-liar'] as const).map((kind) => simulation.addHostile(kind))
    await simulation.run(2 * minute)
    await simulation.node(0).mine()
    await simulation.run(5 * minute)
    const ids = new Set(liars.map(({ id }) => id))
    for (const node of simulation.nodes) expect(node.peers.filter((id) => ids.has(id))).toEqual([])
  })
})
