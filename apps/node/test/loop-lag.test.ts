import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { LoopLagMonitor } from '../src/loop-lag.ts'

/** Milliseconds; more than a busy machine holds the loop by itself. */
const HOLD = 300

function watch(period?: number): LoopLagMonitor {
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

it('an old lag of the event loop is forgotten', async () => {
  const monitor = watch(HOLD / 10)
  await holdUntilSeen(monitor)
  while (monitor.read().max >= HOLD - 10) await nextTurn()
})

it('an old lag of the event loop is remembered where there is no period', async () => {
  const monitor = watch(Number.POSITIVE_INFINITY)
  await holdUntilSeen(monitor)
  for (let turn = 0; turn < 1_000; turn++) await nextTurn()
  expect(monitor.read().max).toBeGreaterThanOrEqual(HOLD - 10)
})
