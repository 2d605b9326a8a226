/**
 * When a block template is no longer worth searching a nonce for: the tip moved, transactions came, or its time is old.
 */
import type { ChainManager } from '@chain/core/chain'
import type { Mempool } from '@chain/core/mempool'
import { followAbort } from '../follow-abort.ts'

/** Milliseconds that transactions may wait for their way into the template. */
const TRANSACTION_DELAY = 500

/** Milliseconds after which a template gets the time anew. */
const TIME_DELAY = 10_000

/** Watches over one template; call {@link Renewal.end} when the search is over. */
export class Renewal {
  readonly #controller = new AbortController()
  readonly #unsubscribe: (() => void)[]
  readonly #timers: NodeJS.Timeout[]

  /** @param ended - aborts the search for other reasons */
  constructor(
    chain: Pick<ChainManager, 'subscribe'>,
    mempool: Pick<Mempool, 'subscribe'>,
    ended: AbortSignal,
  ) {
    this.#timers = [setTimeout(() => this.now(), TIME_DELAY)]
    this.#unsubscribe = [
      followAbort(this.#controller, ended),
      chain.subscribe((event) => {
        if (event.type === 'tip-changed') this.now()
      }),
      mempool.subscribe((event) => {
        if (event.type === 'transaction-added') this.#soon()
      }),
    ]
  }

  /** Aborted when the search should end. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Gives up the template. */
  now(): void {
    this.#controller.abort()
  }

  /** Stops watching. */
  end(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #soon(): void {
    // One timer for any number of transactions.
    if (this.#timers.length === 1) this.#timers.push(setTimeout(() => this.now(), TRANSACTION_DELAY))
  }
}
