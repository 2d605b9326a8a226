import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { AnswerPace, answerLimits } from '../src/answer-pace.ts'
import { systemClock } from '../src/clock.ts'

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
})
