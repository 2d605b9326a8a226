import { expect, it } from 'vitest'
import { ClockWatch, tolerableJump } from '../../src/peers/clock-watch.ts'

function startWatch(): { watch: ClockWatch; pass: (milliseconds: number, shown?: number) => void } {
  let now = 1_700_000_000_000
  let steady = 5_000
  return {
    watch: new ClockWatch(
      () => now,
      () => steady,
    ),
    pass: (milliseconds, shown = milliseconds) => {
      steady += milliseconds
      now += shown
    },
  }
}

it('sees nothing while the clock goes as it should, or is a little off', () => {
  const { watch, pass } = startWatch()
  pass(86_400_000)
  expect(watch.look()).toBe(0)
  pass(30_000, 30_000 - tolerableJump)
  expect(watch.look()).toBe(0)
})

it.each([
  ['back', -3_600_000],
  ['forward', 86_400_000],
])('sees once that the clock was set %s', (_, jump) => {
  const { watch, pass } = startWatch()
  pass(30_000, 30_000 + jump)
  expect(watch.look()).toBe(jump)
  pass(30_000)
  expect(watch.look()).toBe(0)
})

it('takes a machine that slept for one whose clock was set', () => {
  const { watch, pass } = startWatch()
  pass(1_000, 7_200_000)
  expect(watch.look()).toBe(7_199_000)
})
