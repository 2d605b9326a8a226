/**
 * A network of full nodes in one process and in its own time: the same seed gives the same run, event for event.
 *
 * Time passes only in {@link Simulation.run} and what is built on it. After each event all promises settle before the next
 * one; whoever scripts a simulation must wait for nothing but it.
 *
 * Source: docs/simulation.md
 */
import { setImmediate } from 'node:timers/promises'
import { equalBytes } from '@chain/core/bytes'
import type { ChainManager } from '@chain/core/chain'
import { type ChainSpec, inlineVerifier, loadNetwork, type SignatureVerifier } from '@chain/core/consensus'
import { invariant, OperationalError } from '@chain/core/errors'
import type { Block, Transaction } from '@chain/core/primitives'
import type { Timer } from '../clock.ts'
import { CachedVerifier } from './cached-verifier.ts'
import type { LineOptions } from './connection.ts'
import { type Distribution, uniform } from './distribution.ts'
import type { SimulationListener } from './event-log.ts'
import { type HostileKind, hostileBehaviours } from './hostile-behaviours.ts'
import { HostilePeer } from './hostile-peer.ts'
import { emptyMemory, type NodeMemory } from './node-core.ts'
import { openBase } from './open-base.ts'
import { SeededRandom } from './seeded-random.ts'
import { SharedChainStore } from './shared-chain-store.ts'
import { SimulatedNode } from './simulated-node.ts'
import type { BlockEffort } from './slow-chain.ts'
import { VirtualClock } from './virtual-clock.ts'
import { World } from './world.ts'

/** What a simulation is to be like. */
export interface SimulationOptions {
  readonly seed: number | string
  /** How many full nodes it begins with. */
  readonly nodes: number
  /** Peers that each node chooses, 8 unless given; fewer where there are fewer nodes. */
  readonly outbound?: number
  /** What lines are like; 50 to 150 ms one way and without loss unless given. */
  readonly line?: LineOptions
  /** Bytes per second that each node can send, drawn once for each; any number unless given. */
  readonly bandwidth?: Distribution
  /** Milliseconds that each node works on a block; none unless given. */
  readonly effort?: BlockEffort
  /** Whether nodes understand compact blocks, which they do unless told otherwise. */
  readonly compactBlocks?: boolean
  /** The network; regtest unless given. Mining must be possible with few hashes. */
  readonly spec?: ChainSpec
  /** Blocks that every node has from the beginning, lowest first. */
  readonly blocks?: readonly Block[]
  /** Transactions that wait in every mempool from the beginning, parents first; nobody announces them. */
  readonly transactions?: readonly Transaction[]
  /** Verifies each signature once for all nodes; {@link inlineVerifier} unless given. */
  readonly verifier?: SignatureVerifier
}

/** The first Unix second after the genesis block and all blocks that a simulation begins with. */
function beginning(spec: ChainSpec, blocks: readonly Block[]): number {
  return Math.max(spec.consensus.genesis.header.time, ...blocks.map(({ header }) => header.time)) + 1
}

/**
 * Makes a simulation whose nodes run and are about to connect; no time has passed.
 *
 * @throws {OperationalError} `simulation-blocks` when a block of the beginning does not connect, `simulation-transactions` when
 *   a transaction of the beginning is refused
 */
export async function createSimulation(options: SimulationOptions): Promise<Simulation> {
  const { spec = loadNetwork('regtest'), blocks = [], nodes } = options
  const verifier = new CachedVerifier(options.verifier ?? inlineVerifier)
  const clock = new VirtualClock(beginning(spec, blocks) * 1_000)
  const store = await openBase(spec, blocks, { verifier, clock: clock.unixSeconds })
  const simulation = new Simulation({ ...options, spec }, { clock, store, verifier })
  for (let index = 0; index < nodes; index++) await simulation.addNode()
  return simulation
}

/** What a simulation is made of. */
export interface SimulationModules {
  readonly clock: VirtualClock
  /** What every node's store begins with. */
  readonly store: SharedChainStore
  readonly verifier: SignatureVerifier
}

/** The nodes, their world, and its time. */
export class Simulation {
  /** All honest nodes, running or not, in the order in which they were added. */
  readonly nodes: SimulatedNode[] = []
  /** All others. */
  readonly hostile: HostilePeer[] = []
  /** Chance for scripts: forks of it are independent of what nodes draw. */
  readonly random: SeededRandom
  readonly world: World
  readonly #options: SimulationOptions & { readonly spec: ChainSpec }
  readonly #modules: SimulationModules

  constructor(options: SimulationOptions & { readonly spec: ChainSpec }, modules: SimulationModules) {
    const { seed, line = { latency: uniform(50, 150) }, bandwidth } = options
    const random = new SeededRandom(`simulation ${seed}`)
    this.#options = options
    this.#modules = modules
    this.random = random.fork('script')
    this.world = new World({ line, bandwidth }, { clock: modules.clock, random: random.fork('world') })
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#modules.clock.now()
  }

  /** 64 hex digits that stand for all that has happened: equal for equal runs. */
  get digest(): string {
    return this.world.log.digest()
  }

  /** Nodes that run. */
  get running(): SimulatedNode[] {
    return this.nodes.filter(({ isRunning }) => isRunning)
  }

  /** The node that was added as the first, second and so on, from 0. */
  node(index: number): SimulatedNode {
    const node = this.nodes[index]
    invariant(node !== undefined, `There is a node ${index} in the simulation.`)
    return node
  }

  /** Whether all nodes that run have one tip. */
  get hasConverged(): boolean {
    const [first, ...others] = this.running.map(({ chain }) => chain.tip.hash)
    return first === undefined || others.every((hash) => equalBytes(hash, first))
  }

  /** Tells a listener of each event from now on; returns the function that ends it. */
  subscribe(listener: SimulationListener): () => void {
    return this.world.log.subscribe(listener)
  }

  /**
   * Adds a node and starts it.
   *
   * @param isNew - whether it has the genesis block only, and neither blocks nor transactions of the beginning
   * @throws {OperationalError} `simulation-transactions` when it refuses a transaction of the beginning
   */
  async addNode({ isNew = false }: { readonly isNew?: boolean } = {}): Promise<SimulatedNode> {
    const { spec, outbound = 8, effort, compactBlocks = true } = this.#options
    const { store, verifier } = this.#modules
    const options = { id: `node-${this.nodes.length}`, spec, outbound, effort, compactBlocks }
    const modules = { world: this.world, store: new SharedChainStore(isNew ? undefined : store), verifier }
    const transactions = isNew ? [] : (this.#options.transactions ?? [])
    const node = new SimulatedNode(options, modules, this.#waiting(transactions))
    this.nodes.push(node)
    this.world.add(node)
    await node.start()
    if (node.mempool.count === transactions.length) return node
    const sentence = `Of ${transactions.length} transactions that all nodes begin with ${node.mempool.count} are valid.`
    throw new OperationalError('simulation-transactions', sentence, {})
  }

  /** Adds somebody who behaves otherwise, and who looks for as many peers as nodes do. */
  addHostile(kind: HostileKind): HostilePeer {
    const { outbound = 8 } = this.#options
    const peer = new HostilePeer(`${kind}-${this.hostile.length}`, outbound, {
      world: this.world,
      behaviour: hostileBehaviours[kind],
      watch: () => this.#longestChain(),
    })
    this.hostile.push(peer)
    this.world.add(peer)
    peer.start()
    return peer
  }

  /** Parts the network: between groups nothing comes through. Whoever is in none of them is alone. */
  partition(groups: readonly (readonly { readonly id: string }[])[]): void {
    this.world.part(groups.map((group) => group.map(({ id }) => id)))
  }

  /** Ends a partition. */
  heal(): void {
    this.world.unite()
  }

  /** Calls back when so much time has passed, as one of the simulation's events. */
  schedule(milliseconds: number, callback: () => void): Timer {
    return this.#modules.clock.setTimer(milliseconds, callback)
  }

  /** Lets so many milliseconds pass. */
  async run(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds
    while (await this.#step(end));
  }

  /**
   * Lets time pass until a condition holds, which is looked at after every event; returns how long it took.
   *
   * @throws {OperationalError} `simulation-late` when it does not hold within so many milliseconds
   */
  async runUntil(condition: () => boolean, within: number): Promise<number> {
    const [start, end] = [this.now, this.now + within]
    while (!condition()) {
      if (await this.#step(end)) continue
      throw new OperationalError('simulation-late', `What was expected has not happened in ${within} ms.`, {
        milliseconds: within,
      })
    }
    return this.now - start
  }

  /**
   * Lets time pass until all nodes that run have one tip; returns how long it took.
   *
   * @throws {OperationalError} `simulation-late` when they do not within so many milliseconds
   */
  async converge(within: number): Promise<number> {
    let hasChanged = true
    const unsubscribe = this.subscribe(({ type }) => {
      hasChanged ||= type === 'tip' || type === 'started' || type === 'stopped'
    })
    const look = (): boolean => {
      const isDone = hasChanged && this.hasConverged
      hasChanged = false
      return isDone
    }
    try {
      return await this.runUntil(look, within)
    } finally {
      unsubscribe()
    }
  }

  /** Stops all nodes and hostile peers. */
  async stop(): Promise<void> {
    for (const peer of this.hostile) peer.stop()
    for (const node of this.running) await node.stop()
  }

  #waiting(transactions: readonly Transaction[]): NodeMemory {
    const time = this.#modules.clock.unixSeconds()
    const saved = transactions.map((transaction) => ({ transaction, time, unbroadcast: false }))
    return { ...emptyMemory, mempool: { ...emptyMemory.mempool, transactions: saved } }
  }

  #longestChain(): ChainManager {
    const [best] = this.running.map(({ chain }) => chain).sort((a, b) => b.tip.height - a.tip.height)
    if (best !== undefined) return best
    throw new OperationalError('simulation-empty', 'Hostile peers watch a node, and none runs.', {})
  }

  /** Promises settle before and after an event: none of them waits for more than other promises. */
  async #step(end: number): Promise<boolean> {
    await setImmediate()
    const hasHappened = this.#modules.clock.advance(end)
    await setImmediate()
    return hasHappened
  }
}
