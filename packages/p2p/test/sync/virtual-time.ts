/** A clock whose time passes from alarm to alarm, whenever nothing else is left to do. */
import type { ChainManager } from '@chain/core/chain'
import type { Clock, Timer } from '../../src/clock.ts'
import { PeerError } from '../../src/errors.ts'
import { lateClock } from '../nodes.ts'

interface Alarm {
  readonly moment: number
  readonly callback: () => void
}

export class VirtualTime implements Clock {
  readonly #alarms = new Set<Alarm>()
  #now = 0

  now(): number {
    return this.#now
  }

  unixTime(): number {
    return lateClock() * 1_000
  }

  setTimer(milliseconds: number, callback: () => void): Timer {
    const alarm = { moment: this.#now + Math.max(0, milliseconds), callback }
    this.#alarms.add(alarm)
    return { cancel: () => this.#alarms.delete(alarm) }
  }

  /** Waits; rejects as soon as the signal aborts. */
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = this.setTimer(milliseconds, resolve)
      signal?.addEventListener('abort', () => {
        timer.cancel()
        reject(new PeerError('cancelled', 'Nobody waits any more.'))
      })
    })
  }

  /** Lets time pass until a condition holds; returns how much has passed. */
  async passUntil(chain: ChainManager, isDone: () => boolean, limit: number): Promise<number> {
    for (;;) {
      await settle(chain)
      if (isDone()) return this.#now
      const [first] = [...this.#alarms].sort((a, b) => a.moment - b.moment)
      if (first === undefined || first.moment > limit) {
        throw new Error(
          `Nothing more happens before ${limit} ms; the chain is at height ${chain.tip.height}.`,
        )
      }
      this.#alarms.delete(first)
      this.#now = Math.max(this.#now, first.moment)
      first.callback()
    }
  }
}

/** Promises that follow from each other take some turns. */
async function settle(chain: ChainManager): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await chain.settled()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
