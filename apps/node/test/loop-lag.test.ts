import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { LoopLagMonitor } from '../src/loop-lag.ts'

const HOLD = 200
const PERIOD = 60_000

/** Periods pass when the test says so; the loop itself goes on. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
})

function watch(period: number = PERIOD): LoopLagMonitor {
  const monitor = new LoopLagMonitor(period)
  onTestFinished(() => monitor.close())
  return monitor
}

/** Holds the event loop until the monitor tells so: its first look comes after some turns. */
async function holdUntilSeen(monitor: LoopLagMonitor): Promise<void> {
  while (monitor.read().max < HOLD - 10) {
    const end = performance.now() + HOLD
    while (performance.now() < end);
    await nextTurn()
  }
}

it('the lag of the event loop begins with nothing', () => {
  expect(watch().read()).toEqual({ p50: 0, p99: 0, max: 0 })
})

it('the lag of the event loop is as long as it was held', async () => {
  const monitor = watch()
  await holdUntilSeen(monitor)
  const { p50, p99, max } = monitor.read()
  expect([p50, p99, max]).toEqual([p50, p99, max].toSorted((a, b) => a - b))
})

it('the lag of the event loop is that of the last period, and then forgotten', async () => {
  const monitor = watch()
  await holdUntilSeen(monitor)
  vi.advanceTimersByTime(PERIOD)
  expect(monitor.read().max).toBeGreaterThanOrEqual(HOLD - 10)
  vi.advanceTimersByTime(PERIOD)
  expect(monitor.read().max).toBe(0)
})

it('an old lag of the event loop is remembered where there is no period', async () => {
  const monitor = watch(Number.POSITIVE_INFINITY)
  await holdUntilSeen(monitor)
  vi.advanceTimersByTime(10 * PERIOD)
  expect(monitor.read().max).toBeGreaterThanOrEqual(HOLD - 10)
})
