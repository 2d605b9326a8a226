import { encodeHeader } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { serviceFlags } from '@chain/wire'
import { expect, it } from 'vitest'
import type { Clock, Timer } from '../../src/clock.ts'
import type { SyncPeer } from '../../src/sync/sync-peer.ts'
import { syncPlannerLimits } from '../../src/sync/sync-planner.ts'
import { Syncer } from '../../src/sync/syncer.ts'
import { openChain, silentLog } from '../nodes.ts'

/** A clock that goes on by a millisecond whenever it is looked at; its timers are only counted. */
class CreepingClock implements Clock {
  readonly timers = new Set<Timer>()
  #now = 0

  now(): number {
    this.#now += 1
    return this.#now
  }

  unixTime(): number {
    return this.now()
  }

  setTimer(): Timer {
    const timer: Timer = { cancel: () => this.timers.delete(timer) }
    this.timers.add(timer)
    return timer
  }
}

it('sync wakes up for a moment that comes while it plans', async () => {
  const builder = ChainBuilder.create()
  builder.mineEmpty(4)
  const chain = await openChain()
  const clock = new CreepingClock()
  const asked: AbortSignal[] = []
  const silentPeer = (id: string): SyncPeer => ({
    id,
    requestHeaders: async () =>
      Promise.resolve({ headers: builder.blocks.map(({ header }) => encodeHeader(header)) }),
    async *requestBlocks(_, { signal }) {
      asked.push(signal as AbortSignal)
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      })
      yield* []
    },
  })
  const syncer = new Syncer({ chain, clock, log: silentLog, penalise: () => undefined })
  const status = { work: builder.tip.chainWork, height: 4, services: serviceFlags.fullBlocks }
  for (const id of ['first', 'second']) syncer.addPeer(silentPeer(id), status)
  await expect.poll(() => asked.length).toBe(1)
  // Each look takes two milliseconds: so that one of them begins just before the moment.
  clock.now()
  for (let looks = 0; asked[0]?.aborted === false; looks += 1) {
    expect(looks).toBeLessThan(2 * syncPlannerLimits.patience)
    expect(clock.timers.size).toBeGreaterThan(0)
    syncer.updatePeer('second', status)
  }
  await syncer.stop()
})
