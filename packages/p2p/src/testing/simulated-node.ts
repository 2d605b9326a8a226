/**
 * A full node of a simulation: chain, mempool, sync, relay and answers as they are in `chain-node`, over simulated
 * connections, and a store that stays when it stops.
 */
import type { ChainManager } from '@chain/core/chain'
import type { ChainSpec, SignatureVerifier } from '@chain/core/consensus'
import { type ChainError, invariant } from '@chain/core/errors'
import type { Mempool, MempoolOutcome } from '@chain/core/mempool'
import type { Block, Transaction } from '@chain/core/primitives'
import { decodeGetBlocks, decodeGetHeaders, encodeBlockReply, encodeHeaders, serviceFlags } from '@chain/wire'
import { Answers } from '../answers/answers.ts'
import { PeerError } from '../errors.ts'
import { createOwnStatus } from '../peers/own-status.ts'
import type { ChainPort, LogPort } from '../ports.ts'
import { answerBlocks } from '../protocols/blocks.ts'
import { Relay } from '../relay/relay.ts'
import type { RelayLink } from '../relay/relay-peer.ts'
import { Syncer } from '../sync/syncer.ts'
import type { SimulatedConnection } from './connection.ts'
import { type MineOptions, NodeCore, type NodeMemory } from './node-core.ts'
import { NodePeers } from './node-peers.ts'
import type { Participant } from './participant.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { SharedChainStore } from './shared-chain-store.ts'
import { openSimulatedRelay } from './simulated-relay-link.ts'
import { simulatedSyncPeer } from './simulated-sync-peer.ts'
import { type BlockEffort, slowChain } from './slow-chain.ts'
import { Traffic } from './traffic.ts'
import type { Uplink } from './uplink.ts'
import type { World } from './world.ts'

/** What a node is to be like. */
export interface SimulatedNodeOptions {
  readonly id: string
  readonly spec: ChainSpec
  /** Peers that it chooses itself. */
  readonly outbound: number
  readonly effort: BlockEffort | undefined
  /** Whether it understands compact blocks. */
  readonly compactBlocks: boolean
}

/** What a node works with. */
export interface SimulatedNodeModules {
  readonly world: World
  readonly store: SharedChainStore
  readonly verifier: SignatureVerifier
}

/** What there is of a node while it runs. */
interface Running {
  readonly core: NodeCore
  readonly peers: NodePeers
  readonly syncer: Syncer
  readonly relay: Relay
  readonly answers: Answers
}

/** A node that can be started and stopped. */
export class SimulatedNode implements Participant {
  readonly id: string
  readonly uplink: Uplink
  readonly traffic: Traffic = new Traffic()
  readonly #options: SimulatedNodeOptions
  readonly #modules: SimulatedNodeModules
  readonly #random: SeededRandom
  #running: Running | undefined
  #memory: NodeMemory

  /** @param memory - what it has besides its store when it starts */
  constructor(options: SimulatedNodeOptions, modules: SimulatedNodeModules, memory: NodeMemory) {
    this.id = options.id
    this.#options = options
    this.#modules = modules
    this.#memory = memory
    this.#random = modules.world.random.fork(options.id)
    this.uplink = modules.world.createUplink(options.id)
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

  /** Its sync; only while it runs. */
  get syncer(): Syncer {
    return this.#parts.syncer
  }

  /** Ids of its peers, the oldest first; none while it is stopped. */
  get peers(): string[] {
    return this.#running?.peers.ids ?? []
  }

  /** Opens its store and looks for peers. */
  async start(): Promise<void> {
    invariant(this.#running === undefined, 'A node is started when it is stopped.')
    const { world, store, verifier } = this.#modules
    const modules = { store, verifier, clock: world.clock.unixSeconds }
    const core = await NodeCore.open(this.id, this.#options.spec, modules, this.#memory)
    this.#follow(core)
    this.#running = this.#compose(core)
    world.log.add({ type: 'started', node: this.id })
    this.#running.peers.start()
  }

  /** Parts from all peers; its store and its waiting transactions stay. */
  async stop(): Promise<void> {
    const { core, peers, syncer, relay } = this.#parts
    this.#running = undefined
    peers.stop()
    await Promise.all([syncer.stop(), relay.stop()])
    this.#memory = await core.close()
    this.#modules.world.log.add({ type: 'stopped', node: this.id })
  }

  /** Makes a peer of another node, whatever else it has chosen. */
  connect(id: string): void {
    this.#parts.peers.dial(id)
  }

  /** Hands a transaction to its mempool; see {@link NodeCore.submit}. */
  submit(transaction: Transaction): Promise<MempoolOutcome> {
    return this.#parts.core.submit(transaction)
  }

  /** Mines a block on top of its chain, and takes it in; see {@link NodeCore.mine}. */
  mine(options?: MineOptions): Promise<Block> {
    return this.#parts.core.mine(options)
  }

  admits(peer: string): boolean {
    return this.#running?.peers.admits(peer) ?? false
  }

  onConnection(connection: SimulatedConnection): void {
    this.#running?.peers.onConnection(connection)
  }

  onClosed(connection: SimulatedConnection): void {
    this.#running?.peers.onClosed(connection)
  }

  onFault(connection: SimulatedConnection, error: ChainError): void {
    this.#running?.peers.blame(connection.otherOf(this).id, error)
  }

  onRelay(connection: SimulatedConnection, link: RelayLink): void {
    const { id } = connection.otherOf(this)
    const peer = this.#running?.peers.get(id)
    const known = this.#options.compactBlocks ? link : withoutCompactBlocks(link)
    if (peer?.connection === connection) void this.#running?.relay.addPeer(id, known, peer.direction)
    else void link.close()
  }

  async *serve(
    protocol: string,
    request: Uint8Array,
    connection: SimulatedConnection,
  ): AsyncGenerator<Uint8Array, void, void> {
    const { id } = connection.otherOf(this)
    const { answers, peers } = this.#parts
    if (protocol === 'status/1') {
      yield peers.answerStatus(request, connection)
      return
    }
    await answers.admit(id)
    if (protocol === 'headers/1') yield encodeHeaders(await answers.headers(decodeGetHeaders(request), id))
    else if (protocol === 'blocks/1') {
      const replies = answerBlocks(decodeGetBlocks(request), (hash) => answers.block(hash, id))
      for await (const reply of replies) yield encodeBlockReply(reply)
    } else throw new PeerError('peer-speaks-other-protocol', `A simulated node does not answer ${protocol}.`)
  }

  get #parts(): Running {
    invariant(this.#running !== undefined, 'The node runs.')
    return this.#running
  }

  #compose(core: NodeCore): Running {
    const { chain, mempool } = core
    const { world } = this.#modules
    const { clock } = world
    const { outbound, effort } = this.#options
    const port: ChainPort = effort === undefined ? chain : slowChain(chain, effort, clock)
    const log = this.#createLog()
    const ownStatus = createOwnStatus(chain, {
      agent: 'simulation/1',
      services: serviceFlags.fullBlocks,
      nonce: this.#random.bytes(8),
      now: clock.unixTime,
    })
    const peers: NodePeers = new NodePeers(outbound, {
      world,
      self: this,
      random: this.#random,
      ownStatus,
      onReady: ({ connection, status, direction }) => {
        syncer.addPeer(simulatedSyncPeer(connection, this), status)
        if (direction === 'outbound') openSimulatedRelay(connection)
      },
      onStatus: ({ id, status }) => syncer.updatePeer(id, status),
      onGone: (id) => {
        syncer.removePeer(id)
        void relay.removePeer(id)
      },
    })
    const { penalise } = peers
    const syncer = new Syncer({ chain: port, penalise, clock, log })
    const relay = new Relay({
      chain: port,
      mempool,
      sync: syncer,
      penalise,
      clock,
      random: this.#random.next,
      log,
    })
    const answers = new Answers({ chain: port, mempool, penalise, clock, log })
    return { core, peers, syncer, relay, answers }
  }

  #follow({ chain, mempool }: NodeCore): void {
    const { log } = this.#modules.world
    chain.subscribe((event) => {
      if (event.type !== 'tip-changed') return
      log.add({ type: 'tip', node: this.id, hash: event.tip.hash, height: event.tip.height })
    })
    mempool.subscribe((event) => {
      if (event.type !== 'transaction-added') return
      log.add({ type: 'transaction', node: this.id, txid: event.entry.txid })
    })
  }

  #createLog(): LogPort {
    const ignore = (): void => undefined
    const warn = (_: object, message: string): void => {
      this.#modules.world.log.add({ type: 'warning', node: this.id, message })
    }
    return { debug: ignore, info: ignore, warn }
  }
}

/** The link of a node that never says that it understands compact blocks, and so is sent none. */
function withoutCompactBlocks(link: RelayLink): RelayLink {
  return {
    messages: link.messages,
    send: (message) => (message.kind === 'compact-mode' ? Promise.resolve() : link.send(message)),
    close: () => link.close(),
  }
}
