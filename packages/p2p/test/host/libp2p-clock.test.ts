/** libp2p's timeouts, which follow how long answers took lately, when somebody sets the clock of the machine: our patch. */
import { AdaptiveTimeout } from '@libp2p/utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})

afterEach(() => {
  vi.useRealTimers()
})

it.each([
  ['back by an hour', -3_600_000],
  ['back by a year', -365 * 86_400_000],
  ['forward by a day', 86_400_000],
])('timeouts are as before when the clock is set %s', (_, milliseconds) => {
  const timeouts = new AdaptiveTimeout({ minTimeout: 5_000, maxTimeout: 60_000 })
  const answer = (): number => {
    const signal = timeouts.getTimeoutSignal()
    timeouts.cleanUp(signal)
    return signal.timeout
  }
  const waiting = timeouts.getTimeoutSignal()
  answer()
  vi.setSystemTime(Date.now() + milliseconds)
  timeouts.cleanUp(waiting)
  expect([answer(), answer(), answer()]).toEqual([5_000, 5_000, 5_000])
})
