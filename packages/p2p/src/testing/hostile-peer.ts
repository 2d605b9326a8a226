/**
 * Somebody in a simulation who connects like a node and then behaves otherwise.
 *
 * It has no chain of its own: it watches that of an honest node, which is more than any stranger can know.
 */
import type { ChainManager } from '@chain/core/chain'
import type { ChainError } from '@chain/core/errors'
import { type Status, serviceFlags } from '@chain/wire'
import { PeerError } from '../errors.ts'
import { createOwnStatus } from '../peers/own-status.ts'
import type { RelayLink } from '../relay/relay-peer.ts'
import type { SimulatedConnection } from './connection.ts'
import { NodePeers } from './node-peers.ts'
import type { Participant } from './participant.ts'
import type { SeededRandom } from './seeded-random.ts'
import { openSimulatedRelay } from './simulated-relay-link.ts'
import { Traffic } from './traffic.ts'
import type { Uplink } from './uplink.ts'
import type { World } from './world.ts'

/** What a behaviour has to work with. */
export interface HostileContext {
  readonly world: World
  readonly random: SeededRandom
  /** The longest chain of an honest node that runs at the moment. */
  readonly chain: ChainManager
}

/** How a hostile peer behaves where it differs from one that says nothing at all. */
export interface HostileBehaviour {
  /** Changes what it says of itself. */
  readonly boast?: (status: Status) => Status
  /** The frames that answer a request; `undefined` leaves whoever asks waiting. */
  readonly answer?: (
    protocol: string,
    request: Uint8Array,
    context: HostileContext,
  ) => readonly Uint8Array[] | undefined
  /** It has a relay stream. May reject with why that ended. */
  readonly relay?: (link: RelayLink, context: HostileContext) => Promise<void>
}

/** What a hostile peer works with. */
export interface HostilePeerModules {
  readonly world: World
  readonly behaviour: HostileBehaviour
  /** The chain of an honest node that runs. */
  readonly watch: () => ChainManager
}

/** A peer with a behaviour. */
export class HostilePeer implements Participant {
  readonly id: string
  readonly uplink: Uplink
  readonly traffic: Traffic = new Traffic()
  readonly #modules: HostilePeerModules
  readonly #random: SeededRandom
  readonly #peers: NodePeers

  /** @param outbound - honest or hostile peers that it chooses itself */
  constructor(id: string, outbound: number, modules: HostilePeerModules) {
    const { world, behaviour, watch } = modules
    this.id = id
    this.#modules = modules
    this.#random = world.random.fork(id)
    this.uplink = world.createUplink(id)
    const nonce = this.#random.bytes(8)
    const { boast = (status) => status } = behaviour
    this.#peers = new NodePeers(outbound, {
      world,
      self: this,
      random: this.#random,
      ownStatus: () => {
        const options = {
          agent: 'hostile/1',
          services: serviceFlags.fullBlocks,
          nonce,
          now: world.clock.unixTime,
        }
        return boast(createOwnStatus(watch(), options)())
      },
      onReady: ({ connection, direction }) => {
        if (direction === 'outbound') openSimulatedRelay(connection)
      },
      onStatus: () => undefined,
      onGone: () => undefined,
    })
  }

  readonly isRunning = true

  /** Ids of those who take it for a peer. */
  get peers(): string[] {
    return this.#peers.ids
  }

  /** Looks for peers from now on. */
  start(): void {
    this.#peers.start()
  }

  /** Parts from everybody. */
  stop(): void {
    this.#peers.stop()
  }

  admits(peer: string): boolean {
    return this.#peers.admits(peer)
  }

  onConnection(connection: SimulatedConnection): void {
    this.#peers.onConnection(connection)
  }

  onClosed(connection: SimulatedConnection): void {
    this.#peers.onClosed(connection)
  }

  onFault(_connection: SimulatedConnection, _error: ChainError): void {
    // It does not care.
  }

  onRelay(_connection: SimulatedConnection, link: RelayLink): void {
    this.#modules.behaviour.relay?.(link, this.#context).catch((error: unknown) => {
      if (!(error instanceof PeerError)) throw error
    })
  }

  async *serve(
    protocol: string,
    request: Uint8Array,
    connection: SimulatedConnection,
  ): AsyncGenerator<Uint8Array, void, void> {
    if (protocol === 'status/1') {
      yield this.#peers.answerStatus(request, connection)
      return
    }
    const frames = this.#modules.behaviour.answer?.(protocol, request, this.#context)
    if (frames === undefined) await new Promise(() => undefined)
    else yield* frames
  }

  get #context(): HostileContext {
    const { world, watch } = this.#modules
    return {
      world,
      random: this.#random,
      get chain() {
        return watch()
      },
    }
  }
}
