/**
 * Watches whether a node is behind its peers, and for how long it has made no progress then.
 */
import type { ChainManager } from '@chain/core/chain'
import type { PeerSet } from '@chain/p2p'
import type { StateFacts } from './state.ts'

export class ProgressWatch {
  readonly #chain: ChainManager
  readonly #peers: Pick<PeerSet, 'list'>
  /** When the node fell behind or last made progress; `undefined` while it is not behind. */
  #idleSince: number | undefined

  constructor(chain: ChainManager, peers: Pick<PeerSet, 'list' | 'subscribe'>) {
    this.#chain = chain
    this.#peers = peers
    chain.subscribe(({ type }) => this.#look(type === 'block-connected' || type === 'best-header-changed'))
    peers.subscribe(() => this.#look(false))
  }

  /** What the state of the node depends on, as of now. */
  facts(): Omit<StateFacts, 'started'> {
    const { tip, bestHeader } = this.#chain
    return {
      height: tip.height,
      headers: bestHeader.height,
      bodiesMissing: bestHeader.chainWork > tip.chainWork,
      peers: this.#peers.list().length,
      peersAhead: this.#peersAhead(),
      idleTime: this.#idleSince === undefined ? 0 : performance.now() - this.#idleSince,
    }
  }

  #peersAhead(): number {
    const { chainWork } = this.#chain.bestHeader
    return this.#peers.list().filter(({ status }) => status.work > chainWork).length
  }

  #look(progress: boolean): void {
    const { tip, bestHeader } = this.#chain
    const behind = bestHeader.chainWork > tip.chainWork || this.#peersAhead() > 0
    if (!behind) this.#idleSince = undefined
    else if (progress || this.#idleSince === undefined) this.#idleSince = performance.now()
  }
}
