import { describe, expect, it } from 'vitest'
import { followAbort } from '../src/follow-abort.ts'

describe('a controller that follows signals', () => {
  it('is aborted with the first of them', () => {
    const [a, b, controller] = [new AbortController(), new AbortController(), new AbortController()]
    followAbort(controller, a.signal, b.signal)
    expect(controller.signal.aborted).toBe(false)
    b.abort()
    expect(controller.signal.aborted).toBe(true)
  })

  it('is aborted at once when one of them is aborted already', () => {
    const controller = new AbortController()
    followAbort(controller, AbortSignal.abort())
    expect(controller.signal.aborted).toBe(true)
  })

  it('follows them no more when it is released', () => {
    const [a, controller] = [new AbortController(), new AbortController()]
    followAbort(controller, a.signal)()
    a.abort()
    expect(controller.signal.aborted).toBe(false)
  })
})
