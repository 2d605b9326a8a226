/**
 * Keeps discovery going for as long as the node runs: dials, asks the rendezvous and peers, registers, tries addresses, and
 * forgets peers that are gone, without being asked.
 *
 * Not for what to do when (`plan.ts`): this only carries plans out, whenever something has happened or a time has come.
 * Other ways of hearing of peers hand what they hear to `Candidates.heard`. Start it after the host, stop it before the
 * peer set.
 *
 * Source: docs/protocol/peers.md#discovery
 */
import { reasonOf } from '@chain/core/errors'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'
import type { CID } from 'multiformats/cid'
import type { HostServices } from '../host/host.ts'
import { type AnnouncePolicy, isFollowed, publicNetworks } from '../peers/address-scope.ts'
import type { Candidate, Candidates } from '../peers/candidates.ts'
import { ConnectError } from '../peers/connect-error.ts'
import { farewells } from '../peers/farewell.ts'
import type { Peer, PeerEvent } from '../peers/peer.ts'
import type { PeerSet } from '../peers/peer-set.ts'
import type { LogPort } from '../ports.ts'
import { Deadline } from '../streams/deadline.ts'
import { discoveryLimits } from './discovery-limits.ts'
import { feel } from './feeler.ts'
import { forgetPeer } from './forget-peer.ts'
import { Pace } from './pace.ts'
import type { PeerExchange } from './peer-exchange.ts'
import { type DiscoveryMode, type DiscoveryPlan, planDiscovery } from './plan.ts'
import {
  findRendezvous,
  keysToAsk,
  keysToProvide,
  provideRendezvous,
  withdrawRendezvous,
} from './rendezvous.ts'

/** How to look for peers. */
export interface DiscoveryOptions {
  readonly mode: DiscoveryMode
  /** Outbound peers to hold. */
  readonly target: number
  /** Addresses to hold a connection to, whatever else is found. */
  readonly connect: readonly string[]
  /** Addresses to ask when nobody else is known. */
  readonly bootnodes: readonly string[]
  /** Which addresses that strangers name are followed. */
  readonly follow: AnnouncePolicy
  /** From `rendezvousKeys`. */
  readonly rendezvous: readonly CID[]
}

/** What discovery works with. */
export interface DiscoveryModules {
  readonly host: Libp2p<HostServices>
  /** The host's. */
  readonly datastore: Datastore
  readonly peers: PeerSet
  readonly candidates: Candidates
  /** Asks peers for others; absent where nobody is looked for. */
  readonly exchange?: PeerExchange
  /** Whether no block has come for so long that one more outbound peer is worth a try; never when absent. */
  readonly isStale?: () => boolean
  /** Milliseconds since some moment, never going back. */
  readonly steady: () => number
  /** A number from 0 to 1. */
  readonly random: () => number
  readonly log: LogPort
}

/** Runs plans. */
export class DiscoveryScheduler {
  readonly #options: DiscoveryOptions
  readonly #modules: DiscoveryModules
  readonly #dialling = new Map<string, Candidate>()
  readonly #lookup: Pace
  readonly #provide: Pace
  readonly #exchange: Pace
  readonly #feeler: Pace
  readonly #tasks = new Map<Promise<void>, AbortController>()
  readonly #unsubscribe: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #state: 'stopped' | 'idle' | 'planning' = 'stopped'
  #plannedAt = Number.NEGATIVE_INFINITY
  /** So many peers stand under the common key that those in the shards suffice. */
  #isCrowded = false
  /** One more outbound peer was wanted than the target. */
  #hasExtra = false

  constructor(options: DiscoveryOptions, modules: DiscoveryModules) {
    const limits = discoveryLimits
    const { random } = modules
    this.#options = options
    this.#modules = modules
    this.#lookup = new Pace({ first: limits.firstLookup, longest: limits.longestLookup }, random)
    this.#provide = new Pace({ first: limits.firstProvide, longest: limits.longestProvide }, random)
    this.#exchange = new Pace({ first: limits.firstExchange, longest: limits.longestExchange }, random)
    this.#feeler = new Pace({ first: limits.firstFeeler, longest: limits.longestFeeler }, random)
  }

  /**
   * Begins to look for peers.
   *
   * @throws {ConnectError} `address-malformed`
   */
  start(): void {
    const { candidates, peers } = this.#modules
    const { mode, connect, bootnodes } = this.#options
    for (const address of connect) candidates.addFixed(address, 'connect')
    if (mode.peers === 'all') for (const address of bootnodes) candidates.addFixed(address, 'bootnode')
    this.#state = 'idle'
    this.#unsubscribe.push(peers.subscribe(this.#onPeer), candidates.subscribe(this.#onChange))
    this.#onChange()
  }

  /** Looks no more; resolves when everything under way has ended. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    clearTimeout(this.#timer)
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    for (const controller of this.#tasks.values()) controller.abort()
    await Promise.all(this.#tasks.keys())
  }

  readonly #onPeer = ({ type, peer }: PeerEvent): void => {
    const { peers, steady } = this.#modules
    if (type === 'status') return
    if (type === 'peer-gone') this.#lookup.hasten(steady())
    if (type === 'peer-ready' && peer.direction === 'outbound') this.#exchange.hasten(steady())
    if (type === 'peer-ready' && peers.list().length === 1) this.#provide.hasten(steady())
    this.#onChange()
  }

  /** Several changes at once lead to one plan, and strangers who cause one after the other to a few. */
  readonly #onChange = (): void => {
    if (this.#state !== 'idle') return
    this.#state = 'planning'
    clearTimeout(this.#timer)
    const wait = this.#plannedAt + discoveryLimits.planInterval - this.#modules.steady()
    if (wait > 0) this.#timer = setTimeout(this.#onDue, wait)
    else queueMicrotask(this.#onDue)
  }

  readonly #onDue = (): void => {
    if (this.#state !== 'planning') return
    this.#state = 'idle'
    this.#plannedAt = this.#modules.steady()
    this.#carryOut()
  }

  #carryOut(): void {
    const { steady } = this.#modules
    const plan = this.#plan(this.#target())
    for (const peerId of plan.forget) this.#forget(peerId)
    for (const candidate of plan.dial) this.#dial(candidate)
    if (plan.lookUp) this.#recur(this.#lookup, (signal, onFound) => this.#lookUp(signal, onFound))
    if (plan.provide) this.#recur(this.#provide, (signal) => this.#register(signal))
    if (plan.exchange) this.#recur(this.#exchange, (signal, onFound) => this.#ask(signal, onFound))
    const { feel: candidate } = plan
    if (candidate !== undefined) {
      this.#recur(this.#feeler, (signal) =>
        feel(candidate, this.#modules, signal).catch((error: unknown) =>
          this.#onDialFailed(candidate, error),
        ),
      )
    }
    this.#dropExtra()
    clearTimeout(this.#timer)
    // Planning takes time: what was due in a moment may be due by now.
    if (plan.wakeAt !== undefined)
      this.#timer = setTimeout(this.#onChange, Math.max(0, plan.wakeAt - steady()))
  }

  #plan(target: number): DiscoveryPlan {
    const { candidates, peers, steady, random } = this.#modules
    const dialled = [...this.#dialling.values()].flatMap(({ networks }) => networks)
    return planDiscovery({
      mode: this.#options.mode,
      now: steady(),
      target,
      outbound: peers.acquaintances('outbound').length,
      connected: new Set(peers.acquaintances()),
      dialling: new Set(this.#dialling.keys()),
      networks: [...this.#outbound().flatMap(({ address }) => publicNetworks([address])), ...dialled],
      candidates: candidates.list(),
      givenUp: candidates.givenUp(),
      lookup: this.#lookup.recurrence,
      provide: this.#provide.recurrence,
      exchange: this.#exchange.recurrence,
      feeler: this.#feeler.recurrence,
      draw: random(),
    })
  }

  #outbound(): Peer[] {
    return this.#modules.peers.list().filter(({ direction }) => direction === 'outbound')
  }

  /** All peers may be keeping the blocks of others from us. */
  #target(): number {
    const isStale = this.#modules.isStale?.() === true
    this.#hasExtra ||= isStale
    return this.#options.target + (isStale ? 1 : 0)
  }

  /** Blocks come again: of more outbound peers than wanted, the one that brought its last block longest ago goes. */
  #dropExtra(): void {
    const { peers, candidates, isStale } = this.#modules
    if (!this.#hasExtra || isStale?.() === true) return
    this.#hasExtra = false
    const chosen = this.#outbound().filter(({ id }) => !candidates.isNamed(id))
    if (chosen.length <= this.#options.target) return
    const [worst] = chosen.sort((a, b) => (a.lastBlockAt ?? 0) - (b.lastBlockAt ?? 0))
    if (worst !== undefined) peers.disconnect(worst.id, farewells.surplus)
  }

  #dial(candidate: Candidate): void {
    const { key, addresses, source } = candidate
    const { peers, candidates } = this.#modules
    this.#dialling.set(key, candidate)
    this.#run(async (signal) => {
      try {
        const peer = await peers.connect(addresses.length > 0 ? addresses : key, { source, signal })
        candidates.resolve(key, peer.id)
      } catch (error) {
        this.#onDialFailed(candidate, error)
      } finally {
        this.#dialling.delete(key)
      }
    })
  }

  #onDialFailed({ key, fixed, failures }: Candidate, error: unknown): void {
    const { candidates, log } = this.#modules
    if (this.#state === 'stopped') return
    log.debug({ key, error }, 'A dial failed')
    // Whoever named the address should know, once until it was reached again.
    if (fixed && failures === 0)
      log.info({ address: key, why: reasonOf(error) }, 'No peer at an address that was named')
    candidates.failed(key, reasonOf(error))
    if (error instanceof ConnectError && error.code === 'peer-is-self') {
      candidates.avoid(key, Number.POSITIVE_INFINITY)
    }
  }

  /** A small network stands under the common key as a whole; of a large one, shards name others than that does. */
  async #lookUp(signal: AbortSignal, onFound: () => void): Promise<void> {
    const { host, random } = this.#modules
    const [common, ...shards] = keysToAsk(this.#options.rendezvous, host.peerId, random())
    const count = common === undefined ? 0 : await this.#lookUpKey(common, signal, onFound)
    this.#isCrowded = count >= discoveryLimits.lookupPeers
    if (count < discoveryLimits.largeNetwork) return
    for (const key of shards) await this.#lookUpKey(key, signal, onFound)
  }

  async #lookUpKey(key: CID, signal: AbortSignal, onFound: () => void): Promise<number> {
    const { host, candidates } = this.#modules
    const own = host.getMultiaddrs()
    const { follow } = this.#options
    let count = 0
    for await (const { peerId, addresses } of findRendezvous(host, key, signal)) {
      count += 1
      const followed = addresses.filter((address) => isFollowed(multiaddr(address), own, follow))
      // One without any address is looked for; one with none that is followed is not.
      if (followed.length === 0 && addresses.length > 0) continue
      if (candidates.heard(peerId, followed, 'dht')) onFound()
    }
    return count
  }

  async #register(signal: AbortSignal): Promise<void> {
    const { host } = this.#modules
    const { rendezvous } = this.#options
    const [common] = rendezvous
    await provideRendezvous(host, keysToProvide(rendezvous, host.peerId, this.#isCrowded), signal)
    if (this.#isCrowded && common !== undefined) await withdrawRendezvous(host, common, signal)
  }

  async #ask(signal: AbortSignal, onFound: () => void): Promise<void> {
    if ((await this.#modules.exchange?.ask(signal)) === true) onFound()
  }

  /** One round of something that is done again and again; one that found something new is repeated soon. */
  #recur(pace: Pace, step: (signal: AbortSignal, onFound: () => void) => Promise<void>): void {
    pace.begin()
    this.#run(async (signal) => {
      const deadline = new Deadline(discoveryLimits.step, signal)
      let isFruitful = false
      try {
        await step(deadline.signal, () => {
          isFruitful = true
        })
      } finally {
        deadline.dispose()
        pace.end(this.#modules.steady(), isFruitful)
      }
    })
  }

  #forget(peerId: string): void {
    const { host, datastore, candidates, log } = this.#modules
    log.debug({ peerId }, 'A peer is forgotten')
    candidates.forget(peerId)
    this.#run(() => forgetPeer(host, datastore, peerId))
  }

  /** Runs a task that plans again when it ends; a failed one is tried again by a later plan. */
  #run(task: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController()
    const logged = task(controller.signal).catch((error: unknown) => {
      this.#modules.log.debug({ error }, 'A step of discovery failed')
    })
    const ended = logged.then(() => {
      this.#tasks.delete(ended)
      this.#onChange()
    })
    this.#tasks.set(ended, controller)
  }
}
