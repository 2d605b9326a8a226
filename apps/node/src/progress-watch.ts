/**
 * Watches whether a node is behind its peers, and for how long it has made no progress then.
 */
import type { ChainManager } from '@chain/core/chain'
import type { Network } from '@chain/p2p'
import { findPrunedFork } from './pruned-blocks.ts'
import type { StateFacts } from './state.ts'

export class ProgressWatch {
  readonly #chain: ChainManager
  readonly #network: Pick<Network, 'peers' | 'peersAhead'>
  /** When the node fell behind or last made progress; `undefined` while it is not behind. */
  #idleSince: number | undefined

  constructor(chain: ChainManager, network: Pick<Network, 'peers' | 'peersAhead'>) {
    this.#chain = chain
    this.#network = network
    chain.subscribe(({ type }) => this.#look(type === 'block-connected' || type === 'best-header-changed'))
    network.peers.subscribe(() => this.#look(false))
  }

  /** What the state of the node depends on, as of now. */
  facts(): Omit<StateFacts, 'started'> {
    // That a claim turned out wrong is no event.
    this.#look(false)
    const { tip, bestHeader } = this.#chain
    return {
      height: tip.height,
      headers: bestHeader.height,
      bodiesMissing: bestHeader.chainWork > tip.chainWork,
      peers: this.#network.peers.list().length,
      peersAhead: this.#network.peersAhead,
      prospects: this.#network.peers.prospects,
      clockOffset: this.#network.peers.isClockSuspect ? this.#network.peers.clockOffset : undefined,
      prunedFork: findPrunedFork(this.#chain)?.height,
      idleTime: this.#idleSince === undefined ? 0 : performance.now() - this.#idleSince,
    }
  }

  #look(progress: boolean): void {
    const { tip, bestHeader } = this.#chain
    const behind = bestHeader.chainWork > tip.chainWork || this.#network.peersAhead > 0
    if (!behind) this.#idleSince = undefined
    else if (progress || this.#idleSince === undefined) this.#idleSince = performance.now()
  }
}
