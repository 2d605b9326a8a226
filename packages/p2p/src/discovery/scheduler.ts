/**
 * Keeps discovery going for as long as the node runs: dials, asks the rendezvous, registers there, and forgets peers that
 * are gone, without being asked.
 *
 * Not for what to do when (`plan.ts`): this only carries plans out, whenever something has happened or a time has come.
 * Other ways of hearing of peers hand what they hear to `Candidates.heard`. Start it after the host, stop it before the
 * peer set.
 *
 * Source: docs/protocol/peers.md#discovery
 */
import type { Libp2p } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import type { CID } from 'multiformats/cid'
import { Deadline } from '../deadline.ts'
import type { Candidate, Candidates } from '../peers/candidates.ts'
import { ConnectError } from '../peers/connect-error.ts'
import type { PeerEvent } from '../peers/peer.ts'
import type { PeerSet } from '../peers/peer-set.ts'
import type { LogPort } from '../ports.ts'
import { forgetPeer } from './forget-peer.ts'
import { Pace } from './pace.ts'
import { type DiscoveryMode, planDiscovery } from './plan.ts'
import { findRendezvous, provideRendezvous } from './rendezvous.ts'

/** How to look for peers. */
export interface DiscoveryOptions {
  readonly mode: DiscoveryMode
  /** Outbound peers to hold. */
  readonly target: number
  /** Addresses to hold a connection to, whatever else is found. */
  readonly connect: readonly string[]
  /** Addresses to ask when nobody else is known. */
  readonly bootnodes: readonly string[]
  /** From `rendezvousKeys`. */
  readonly rendezvous: readonly CID[]
}

/** What discovery works with. */
export interface DiscoveryModules {
  readonly host: Libp2p
  /** The host's. */
  readonly datastore: Datastore
  readonly peers: PeerSet
  readonly candidates: Candidates
  /** The time now, in Unix milliseconds. */
  readonly now: () => number
  /** A number from 0 to 1. */
  readonly random: () => number
  readonly log: LogPort
}

/** Milliseconds. */
const times = {
  /** For one lookup or registration. */
  query: 30_000,
  /** Between two lookups. */
  lookup: { first: 1_000, longest: 300_000 },
  /** Between two registrations; a record is served for three hours. */
  provide: { first: 10_000, longest: 1_800_000 },
} as const

/** Runs plans. */
export class DiscoveryScheduler {
  readonly #options: DiscoveryOptions
  readonly #modules: DiscoveryModules
  readonly #dialling = new Set<string>()
  readonly #lookup: Pace
  readonly #provide: Pace
  readonly #tasks = new Map<Promise<void>, AbortController>()
  readonly #unsubscribe: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #state: 'stopped' | 'idle' | 'planning' = 'stopped'

  constructor(options: DiscoveryOptions, modules: DiscoveryModules) {
    this.#options = options
    this.#modules = modules
    this.#lookup = new Pace(times.lookup, modules.random)
    this.#provide = new Pace(times.provide, modules.random)
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

  readonly #onPeer = ({ type }: PeerEvent): void => {
    const { peers, now } = this.#modules
    if (type === 'status') return
    if (type === 'peer-gone') this.#lookup.hasten(now())
    if (type === 'peer-ready' && peers.list().length === 1) this.#provide.hasten(now())
    this.#onChange()
  }

  /** Several changes at once lead to one plan. */
  readonly #onChange = (): void => {
    if (this.#state !== 'idle') return
    this.#state = 'planning'
    queueMicrotask(() => {
      if (this.#state !== 'planning') return
      this.#state = 'idle'
      this.#carryOut()
    })
  }

  #carryOut(): void {
    const { candidates, peers, now } = this.#modules
    const plan = planDiscovery({
      mode: this.#options.mode,
      now: now(),
      target: this.#options.target,
      outbound: peers.acquaintances('outbound').length,
      connected: new Set(peers.acquaintances()),
      dialling: this.#dialling,
      candidates: candidates.list(),
      givenUp: candidates.givenUp(),
      lookup: this.#lookup.recurrence,
      provide: this.#provide.recurrence,
    })
    for (const peerId of plan.forget) this.#forget(peerId)
    for (const candidate of plan.dial) this.#dial(candidate)
    if (plan.lookUp) this.#lookUp()
    if (plan.provide) this.#register()
    clearTimeout(this.#timer)
    if (plan.wakeAt !== undefined) this.#timer = setTimeout(this.#onChange, plan.wakeAt - now())
  }

  #dial(candidate: Candidate): void {
    const { key, addresses, source } = candidate
    const { peers, candidates } = this.#modules
    this.#dialling.add(key)
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

  #onDialFailed({ key }: Candidate, error: unknown): void {
    const { candidates, log } = this.#modules
    if (this.#state === 'stopped') return
    log.debug({ key, error }, 'A dial failed')
    if (error instanceof ConnectError && error.code === 'peer-is-self') {
      candidates.avoid(key, Number.POSITIVE_INFINITY)
    } else candidates.failed(key)
  }

  #lookUp(): void {
    const { host, candidates, now } = this.#modules
    this.#lookup.begin()
    this.#run(async (signal) => {
      const deadline = new Deadline(times.query, signal)
      let fresh = 0
      try {
        for await (const { peerId, addresses } of findRendezvous(
          host,
          this.#options.rendezvous,
          deadline.signal,
        )) {
          if (candidates.heard(peerId, addresses, 'dht')) fresh += 1
        }
      } finally {
        deadline.dispose()
        this.#lookup.end(now(), fresh > 0)
      }
    })
  }

  #register(): void {
    const { host, now } = this.#modules
    this.#provide.begin()
    this.#run(async (signal) => {
      const deadline = new Deadline(times.query, signal)
      try {
        await provideRendezvous(host, this.#options.rendezvous, deadline.signal)
      } finally {
        deadline.dispose()
        this.#provide.end(now(), false)
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
