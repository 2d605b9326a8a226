import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SharedLane } from '../../src/answers/shared-lane.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Work that takes so many milliseconds, and tells when it begins. */
function work(milliseconds: number, begin: () => void): () => Promise<void> {
  return async () => {
    begin()
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
  }
}

it('does one piece of work at a time, and rests twice as long after each', async () => {
  const lane = new SharedLane()
  const begun: number[] = []
  const start = performance.now()
  for (let count = 0; count < 3; count += 1) {
    void lane.run(work(30, () => begun.push(performance.now() - start)))
  }
  await vi.advanceTimersByTimeAsync(300)
  expect(begun).toEqual([0, 90, 180])
})

it('goes on after work that failed', async () => {
  const lane = new SharedLane()
  await expect(lane.run(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug')
  const next = lane.run(async () => 7)
  await vi.advanceTimersByTimeAsync(10)
  expect(await next).toBe(7)
})

it('does nothing for those who have left when their turn comes', async () => {
  const lane = new SharedLane()
  const begun: number[] = []
  const start = performance.now()
  let isWanted = true
  const begin = (): number => begun.push(performance.now() - start)
  void lane.run(work(30, begin))
  const left = Array.from({ length: 100 }, () => lane.run(work(30, begin), () => isWanted))
  void lane.run(work(30, begin))
  isWanted = false
  await vi.advanceTimersByTimeAsync(300)
  expect(begun).toEqual([0, 90])
  expect(await Promise.all(left)).toEqual(left.map(() => undefined))
})
