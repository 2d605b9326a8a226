/**
 * One run of the propagation experiment: how long a full block takes to everybody, and what it costs.
 */
import { encodeBlock } from '@chain/core/primitives'
import { createSimulation, type Simulation, uniform } from '@chain/p2p/testing'
import type { FullBlock } from './full-block.ts'

/** What a run is about. */
export interface Run {
  readonly seed: number
  readonly nodes: number
  readonly compactBlocks: boolean
}

/** What came out. */
export interface Propagation extends Run {
  /** Bytes of the block. */
  readonly blockBytes: number
  /** Milliseconds from the moment when the block was found until each of the other nodes had it as its tip, ascending. */
  readonly times: readonly number[]
  /** Bytes that each node sent meanwhile, and until a minute after, ascending. */
  readonly sent: readonly number[]
}

/** Peers that each node chooses. */
export const outbound = 8

/** Milliseconds one way. */
export const latency: readonly [number, number] = [50, 150]

/** Bytes per second that each node can send: 50 Mbit/s. */
export const bandwidth = 6_250_000

/** Milliseconds that a node needs to connect a block, for each transaction: a block of 5,400 takes 0.3 s with signatures known. */
export const effortPerTransaction = 0.06

/** Empty blocks before, from which nodes learn who tells them of blocks first. */
const WARM_UP_BLOCKS = 30

/** Runs a network until all of its nodes have the block. @param tell - called with what has been done, in a few words */
export async function propagate(
  run: Run,
  { spec, blocks, transactions }: FullBlock,
  tell: (done: string) => void,
): Promise<Propagation> {
  const simulation = await createSimulation({
    ...run,
    outbound,
    line: { latency: uniform(...latency) },
    bandwidth: () => bandwidth,
    effort: (block) => block.transactions.length * effortPerTransaction,
    spec,
    blocks,
    transactions,
  })
  tell('all nodes have the transactions')
  await simulation.run(30_000)
  tell('all nodes have peers, and know what they have')
  await warmUp(simulation)
  tell(`${WARM_UP_BLOCKS} empty blocks`)
  const before = simulation.nodes.map(({ traffic }) => traffic.sent)
  const start = simulation.now
  const times: number[] = []
  simulation.subscribe(({ type }, time) => {
    if (type === 'tip') times.push(time - start)
  })
  const block = await simulation.node(0).mine()
  await simulation.converge(600_000)
  tell('the full block')
  await simulation.run(60_000)
  const sent = simulation.nodes.map(({ traffic }, index) => traffic.sent - (before[index] ?? 0))
  await simulation.stop()
  return {
    ...run,
    blockBytes: encodeBlock(block).length,
    times: times.slice(1).sort((a, b) => a - b),
    sent: sent.sort((a, b) => a - b),
  }
}

async function warmUp(simulation: Simulation): Promise<void> {
  for (let count = 0; count < WARM_UP_BLOCKS; count++) {
    await simulation.random.pick(simulation.nodes).mine({ entries: [] })
    await simulation.run(10_000)
  }
  await simulation.converge(60_000)
}
