import { describe, expect, it } from 'vitest'
import { ClockOffsets, tolerableOffset } from '../../src/peers/clock-offsets.ts'

function offsetsOf(...seconds: number[]): ClockOffsets {
  const offsets = new ClockOffsets()
  seconds.forEach((offset, index) => {
    offsets.add(`${index}`, offset)
  })
  return offsets
}

describe('the clocks of peers', () => {
  it('say nothing while they are few', () => {
    expect(offsetsOf(4_000, 4_000, 4_000, 4_000)).toMatchObject({ median: 0, isSuspect: false })
  })

  it('say that ours is wrong when most agree on it', () => {
    expect(offsetsOf(-3_000, 0, -3_100, -3_200, -2_900)).toMatchObject({ median: -3_000, isSuspect: true })
  })

  it('do not when some are far off', () => {
    const wrong = tolerableOffset * 100
    expect(offsetsOf(1, 2, 3, wrong, wrong)).toMatchObject({ median: 3, isSuspect: false })
  })

  it('count once for each peer, however often it tells its time', () => {
    const offsets = offsetsOf(0, 0, 0, 0, 0)
    for (let count = 0; count < 20; count++) offsets.add('liar', 100_000)
    expect(offsets.median).toBe(0)
  })

  it('stay bounded, the oldest being forgotten', () => {
    const offsets = offsetsOf(
      ...Array.from({ length: 50 }, () => 5_000),
      ...Array.from({ length: 50 }, () => 7),
    )
    expect(offsets.median).toBe(7)
  })

  it('are no more when our clock was set', () => {
    const offsets = offsetsOf(3_600, 3_600, 3_600, 3_600, 3_600)
    expect(offsets.isSuspect).toBe(true)
    offsets.clear()
    expect(offsets).toMatchObject({ median: 0, isSuspect: false })
  })
})
