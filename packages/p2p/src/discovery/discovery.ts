/**
 * All ways of finding peers, as one part of a node.
 *
 * Not for any of them: `scheduler.ts` dials and asks, `peer-exchange.ts` answers, `local-network.ts` searches nearby.
 */
import type { Libp2p } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import type { HostServices } from '../host/host.ts'
import type { Candidates, PeerSet, SmallTalk } from '../peers/index.ts'
import type { ChainPort, LogPort } from '../ports.ts'
import { LocalNetwork } from './local-network.ts'
import { PeerExchange } from './peer-exchange.ts'
import { type DiscoveryOptions, DiscoveryScheduler } from './scheduler.ts'
import { StaleTip } from './stale-tip.ts'

/** What the parts work with. */
export interface DiscoveryParts {
  readonly chain: Pick<ChainPort, 'spec' | 'subscribe'>
  readonly host: Libp2p<HostServices>
  /** The host's. */
  readonly datastore: Datastore
  readonly peers: PeerSet
  readonly candidates: Candidates
  readonly talk: SmallTalk
  /** The time now, in Unix milliseconds. */
  readonly now: () => number
  /** Milliseconds since some moment, never going back. */
  readonly steady: () => number
  readonly log: LogPort
}

/** Finds peers for as long as it runs. A node that only dials whom its operator names asks and answers nobody. */
export class Discovery {
  readonly #exchange: PeerExchange | undefined
  readonly #local: LocalNetwork | undefined
  readonly #tip: StaleTip
  readonly #scheduler: DiscoveryScheduler

  constructor(options: DiscoveryOptions, { chain, ...parts }: DiscoveryParts) {
    const { mode } = options
    const specId = chain.spec.id
    const tip = new StaleTip(chain, parts.steady)
    const random = Math.random
    const exchange = mode.peers === 'all' ? new PeerExchange({ ...parts, specId, random }) : undefined
    this.#tip = tip
    this.#exchange = exchange
    this.#local =
      mode.peers === 'all' && mode.local === true ? new LocalNetwork({ ...parts, specId }) : undefined
    this.#scheduler = new DiscoveryScheduler(options, {
      ...parts,
      random,
      isStale: () => tip.isStale,
      ...(exchange === undefined ? {} : { exchange }),
    })
  }

  /** Answers those who ask for peers; call it before the host starts. */
  async listen(): Promise<void> {
    await this.#exchange?.start()
  }

  /**
   * Looks for peers; call it when the host has started.
   *
   * @throws {ConnectError} `address-malformed`
   */
  async start(): Promise<void> {
    this.#scheduler.start()
    await this.#local?.start()
  }

  /** Looks no more; resolves when everything under way has ended. */
  async stop(): Promise<void> {
    this.#tip.stop()
    await Promise.all([this.#scheduler.stop(), this.#local?.stop(), this.#exchange?.stop()])
  }
}
