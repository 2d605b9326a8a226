import { VirtualClock } from '@chain/p2p/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'

it('lets alarms go off in the order of their moments, and those of one moment in the order they were set', () => {
  const delays = fc.array(fc.record({ delay: fc.nat(20), isCancelled: fc.boolean() }), { maxLength: 200 })
  fc.assert(
    fc.property(delays, (alarms) => {
      const clock = new VirtualClock(0)
      const heard: number[] = []
      const timers = alarms.map(({ delay }, index) => clock.setTimer(delay, () => heard.push(index)))
      timers.forEach((timer, index) => {
        if (alarms[index]?.isCancelled === true) timer.cancel()
      })
      while (clock.advance(100));
      const expected = alarms
        .map(({ delay, isCancelled }, index) => ({ delay, isCancelled, index }))
        .filter(({ isCancelled }) => !isCancelled)
        .sort((a, b) => (a.delay === b.delay ? a.index - b.index : a.delay - b.delay))
      expect(heard).toEqual(expected.map(({ index }) => index))
      expect(clock.now()).toBe(100)
    }),
  )
})

it('forgets alarms that were cancelled, however many', () => {
  const clock = new VirtualClock(0)
  const heard: string[] = []
  clock.setTimer(5, () => heard.push('kept'))
  for (let count = 0; count < 10_000; count++)
    clock.setTimer(1 + (count % 9), () => heard.push('cancelled')).cancel()
  while (clock.advance(10));
  expect(heard).toEqual(['kept'])
})

it('stands still between alarms, and says the time of the moment', () => {
  const clock = new VirtualClock(1_000_500)
  const moments: number[] = []
  clock.setTimer(250, () => moments.push(clock.now()))
  expect(clock.advance(249)).toBe(false)
  expect(clock.advance(1_000)).toBe(true)
  expect(moments).toEqual([250])
  expect([clock.now(), clock.unixTime(), clock.unixSeconds()]).toEqual([250, 1_000_750, 1_000])
})
