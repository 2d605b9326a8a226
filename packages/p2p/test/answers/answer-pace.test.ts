import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { AnswerPace, answerLimits } from '../../src/answers/answer-pace.ts'
import { systemClock } from '../../src/clock.ts'

/** Its timers run; its hands stand still. */
const clock = { ...systemClock, now: () => 0 }

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
  })
})

describe('the pace of answers', () => {
  it('does not keep an honest peer waiting that follows the whole chain', async () => {
    const peer = 'peer'
    const pace = new AnswerPace(clock)
    for (let blocks = 0; blocks < 4_000; blocks += 16) {
      await pace.wait(peer, 'request')
      for (let block = 0; block < 16; block++) await pace.wait(peer, 'block')
    }
    for (let batch = 0; batch < 100; batch++) await pace.wait(peer, 'header', 2_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('makes a peer that asks for more wait until it is due, and nobody else', async () => {
    const [greedy, modest] = ['greedy', 'modest'] as const
    const pace = new AnswerPace(clock)
    let isDue = false
    for (let count = 0; count < answerLimits.submitBurst; count++) await pace.wait(greedy, 'submit')
    const waiting = pace.wait(greedy, 'submit').then(() => {
      isDue = true
    })
    await pace.wait(modest, 'submit')
    await vi.advanceTimersByTimeAsync(1_000 / answerLimits.submitsPerSecond - 1)
    expect(isDue).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await waiting
  })

  it('counts what a peer has had already, and makes it wait for that before it has more', async () => {
    const pace = new AnswerPace(clock)
    pace.charge('greedy', 'light-byte', answerLimits.lightByteBurst + answerLimits.lightBytesPerSecond)
    expect(vi.getTimerCount()).toBe(0)
    await pace.wait('modest', 'light-byte', 0)
    let isDue = false
    const waiting = pace.wait('greedy', 'light-byte', 0).then(() => {
      isDue = true
    })
    await vi.advanceTimersByTimeAsync(999)
    expect(isDue).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await waiting
  })

  it('does not keep a wallet waiting that follows the filters of a month', async () => {
    const pace = new AnswerPace(clock)
    const [blocks, bytes] = [20_000, 500]
    for (let block = 0; block < blocks; block++) {
      await pace.wait('wallet', 'filter', 2)
      await pace.wait('wallet', 'light-byte', 0)
      pace.charge('wallet', 'light-byte', 2 * bytes)
    }
    expect(vi.getTimerCount()).toBe(0)
  })
})
