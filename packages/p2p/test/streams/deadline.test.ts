import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline } from '../../src/streams/deadline.ts'

describe('a deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('aborts when time is up', () => {
    const { signal } = new Deadline(100)
    vi.advanceTimersByTime(99)
    expect(signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(signal.reason).toMatchObject({ code: 'peer-timed-out' })
  })

  it('does not run while it is held, and gives the full time again', () => {
    const deadline = new Deadline(100)
    vi.advanceTimersByTime(99)
    deadline.hold()
    vi.advanceTimersByTime(1_000)
    deadline.restart()
    vi.advanceTimersByTime(99)
    expect(deadline.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(deadline.signal.aborted).toBe(true)
  })

  it('aborts when the caller cancels, before or after', () => {
    const cause = new Error('why')
    const controller = new AbortController()
    const before = new Deadline(100, controller.signal)
    controller.abort(cause)
    const after = new Deadline(100, controller.signal)
    for (const { signal } of [before, after]) {
      expect(signal.reason).toMatchObject({ code: 'cancelled', cause })
    }
  })

  it('tells a listener the reason, however late it comes', () => {
    const deadline = new Deadline(100)
    const early = vi.fn()
    const late = vi.fn()
    deadline.onAbort(early)
    vi.advanceTimersByTime(100)
    deadline.onAbort(late)
    for (const listener of [early, late]) {
      expect(listener).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'peer-timed-out' }))
    }
  })

  it('leaves no timer behind and lets go of the caller', () => {
    const controller = new AbortController()
    const deadline = new Deadline(100, controller.signal)
    deadline.dispose()
    expect(vi.getTimerCount()).toBe(0)
    controller.abort()
    expect(deadline.signal.aborted).toBe(false)
  })
})
