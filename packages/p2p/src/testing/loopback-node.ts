/**
 * A full node of a test network over real libp2p on this machine: what `chain-node` composes, on a store in memory that stays
 * when it stops.
 */
import type { ChainManager } from '@chain/core/chain'
import type { ChainSpec, SignatureVerifier } from '@chain/core/consensus'
import { invariant } from '@chain/core/errors'
import type { Mempool, MempoolOutcome } from '@chain/core/mempool'
import type { Block, Transaction } from '@chain/core/primitives'
import { MemoryDatastore } from 'datastore-core'
import { createIdentity, type Identity } from '../host/identity.ts'
import { createNetwork, type Network } from '../network.ts'
import { MemoryKnownPeers } from '../peers/known-peers.ts'
import type { PeerCapacity } from '../peers/peer-limits.ts'
import type { LogPort } from '../ports.ts'
import { emptyMemory, type MineOptions, NodeCore, type NodeMemory } from './node-core.ts'
import type { SharedChainStore } from './shared-chain-store.ts'

/** What a node is to be like. */
export interface LoopbackNodeOptions {
  readonly id: string
  readonly spec: ChainSpec
  readonly capacity: PeerCapacity
}

/** What a node works with. */
export interface LoopbackNodeModules {
  readonly store: SharedChainStore
  readonly verifier: SignatureVerifier
  readonly log: LogPort
  /** Told when something may be otherwise: its tip, its peers, whether it runs. */
  readonly onChange: () => void
}

interface Running {
  readonly core: NodeCore
  readonly network: Network
}

/** A node that can be started and stopped. */
export class LoopbackNode {
  readonly id: string
  readonly #options: LoopbackNodeOptions
  readonly #modules: LoopbackNodeModules
  readonly #knownPeers = new MemoryKnownPeers()
  readonly #datastore = new MemoryDatastore()
  #identity: Identity | undefined
  #memory: NodeMemory = emptyMemory
  #running: Running | undefined

  constructor(options: LoopbackNodeOptions, modules: LoopbackNodeModules) {
    this.id = options.id
    this.#options = options
    this.#modules = modules
  }

  /** Whether it was started and not stopped since. */
  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Its chain; only while it runs. */
  get chain(): ChainManager {
    return this.#parts.core.chain
  }

  /** Its mempool; only while it runs. */
  get mempool(): Mempool {
    return this.#parts.core.mempool
  }

  /** Its network; only while it runs. */
  get network(): Network {
    return this.#parts.network
  }

  /** Opens its store, listens on a free port of the loopback address, and looks for peers. @param bootnodes - multiaddrs */
  async start(bootnodes: readonly string[] = []): Promise<void> {
    invariant(this.#running === undefined, 'A node is started when it is stopped.')
    const { store, verifier, log, onChange } = this.#modules
    const { spec, capacity } = this.#options
    const clock = (): number => Math.floor(Date.now() / 1_000)
    const core = await NodeCore.open(this.id, spec, { store, verifier, clock }, this.#memory)
    const { chain, mempool } = core
    this.#identity ??= await createIdentity()
    const network = await createNetwork(
      {
        agent: 'loopback/1',
        identity: this.#identity,
        listen: ['/ip4/127.0.0.1/tcp/0'],
        bootnodes,
        capacity,
        allowLoopback: true,
      },
      { chain, mempool, knownPeers: this.#knownPeers, datastore: this.#datastore, log },
    )
    chain.subscribe(onChange)
    mempool.subscribe(onChange)
    network.peers.subscribe(onChange)
    await network.start()
    this.#running = { core, network }
    onChange()
  }

  /** Parts from all peers; its store, its key, its waiting transactions and whom it knows stay. */
  async stop(): Promise<void> {
    const { core, network } = this.#parts
    this.#running = undefined
    await network.stop()
    this.#memory = await core.close()
    this.#modules.onChange()
  }

  /** Hands a transaction to its mempool; see {@link NodeCore.submit}. */
  submit(transaction: Transaction): Promise<MempoolOutcome> {
    return this.#parts.core.submit(transaction)
  }

  /** Mines a block on top of its chain, and takes it in; see {@link NodeCore.mine}. */
  mine(options?: MineOptions): Promise<Block> {
    return this.#parts.core.mine(options)
  }

  get #parts(): Running {
    invariant(this.#running !== undefined, 'The node runs.')
    return this.#running
  }
}
