/**
 * A network of full nodes over real libp2p in one process, each on a port of its own of the loopback address: for what the
 * simulation leaves out, and up to about thirty nodes.
 *
 * Its nodes find each other as real ones do, from one whose address they know. Nothing about it is repeatable but the
 * outcome.
 */
import { equalBytes } from '@chain/core/bytes'
import { type ChainSpec, inlineVerifier, loadNetwork, type SignatureVerifier } from '@chain/core/consensus'
import { invariant, OperationalError } from '@chain/core/errors'
import type { Block } from '@chain/core/primitives'
import { defaultCapacity } from '../peers/peer-limits.ts'
import type { LogPort } from '../ports.ts'
import { CachedVerifier } from './cached-verifier.ts'
import { LoopbackNode } from './loopback-node.ts'
import { openBase } from './open-base.ts'
import { SharedChainStore } from './shared-chain-store.ts'

/** What a network is to be like. */
export interface LoopbackNetworkOptions {
  readonly nodes: number
  /** Peers that each node chooses, 8 unless given. */
  readonly outbound?: number
  /** The network; regtest unless given. Mining must be possible with few hashes. */
  readonly spec?: ChainSpec
  /** Blocks that every node has from the beginning, lowest first. */
  readonly blocks?: readonly Block[]
  /** Verifies each signature once for all nodes; {@link inlineVerifier} unless given. */
  readonly verifier?: SignatureVerifier
  /** Nobody reads it unless given. */
  readonly log?: LogPort
}

const ignore = (): void => undefined

/**
 * Makes a network whose nodes run and look for each other.
 *
 * @throws {OperationalError} `simulation-blocks` when a block of the beginning does not connect
 */
export async function createLoopbackNetwork(options: LoopbackNetworkOptions): Promise<LoopbackNetwork> {
  const { spec = loadNetwork('regtest'), blocks = [], nodes } = options
  const verifier = new CachedVerifier(options.verifier ?? inlineVerifier)
  const store = await openBase(spec, blocks, { verifier, clock: () => Math.floor(Date.now() / 1_000) })
  const network = new LoopbackNetwork({ ...options, spec, verifier }, store)
  for (let index = 0; index < nodes; index++) await network.addNode()
  return network
}

/** The nodes. */
export class LoopbackNetwork {
  /** All nodes, running or not, in the order in which they were added. */
  readonly nodes: LoopbackNode[] = []
  readonly #options: LoopbackNetworkOptions & Required<Pick<LoopbackNetworkOptions, 'spec' | 'verifier'>>
  readonly #store: SharedChainStore
  readonly #waiting = new Set<() => void>()

  constructor(
    options: LoopbackNetworkOptions & Required<Pick<LoopbackNetworkOptions, 'spec' | 'verifier'>>,
    store: SharedChainStore,
  ) {
    this.#options = options
    this.#store = store
  }

  /** The node that was added as the first, second and so on, from 0. */
  node(index: number): LoopbackNode {
    const node = this.nodes[index]
    invariant(node !== undefined, `There is a node ${index} in the network.`)
    return node
  }

  /** Nodes that run. */
  get running(): LoopbackNode[] {
    return this.nodes.filter(({ isRunning }) => isRunning)
  }

  /** Whether all nodes that run have one tip. */
  get hasConverged(): boolean {
    const [first, ...others] = this.running.map(({ chain }) => chain.tip.hash)
    return first === undefined || others.every((hash) => equalBytes(hash, first))
  }

  /** Adds a node with the blocks of the beginning, and starts it; the first that runs is its bootnode. */
  async addNode(): Promise<LoopbackNode> {
    const {
      spec,
      verifier,
      outbound = 8,
      log = { debug: ignore, info: ignore, warn: ignore },
    } = this.#options
    const capacity = { ...defaultCapacity, outbound, perAddress: 256 }
    const node = new LoopbackNode(
      { id: `node-${this.nodes.length}`, spec, capacity },
      { store: new SharedChainStore(this.#store), verifier, log, onChange: () => this.#look() },
    )
    const [bootnode] = this.running
    this.nodes.push(node)
    await node.start(bootnode?.network.addresses ?? [])
    return node
  }

  /**
   * Resolves when a condition holds, which is looked at whenever a tip, a mempool or a peer of a node is another.
   *
   * @throws {OperationalError} `simulation-late` when it does not hold within so many milliseconds
   */
  async until(condition: () => boolean, within: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = (): void => {
      if (condition()) resolve()
    }
    const late = new OperationalError(
      'simulation-late',
      `What was expected has not happened in ${within} ms.`,
      {
        milliseconds: within,
      },
    )
    const timer = setTimeout(() => reject(late), within)
    this.#waiting.add(look)
    look()
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  /**
   * Resolves when all nodes that run have one tip.
   *
   * @throws {OperationalError} `simulation-late` when they do not within so many milliseconds
   */
  converge(within: number): Promise<void> {
    return this.until(() => this.hasConverged, within)
  }

  /** Stops all nodes. */
  async stop(): Promise<void> {
    await Promise.all(this.running.map((node) => node.stop()))
  }

  #look(): void {
    for (const look of this.#waiting) look()
  }
}
