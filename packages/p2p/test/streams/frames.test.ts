import { describe, expect, it } from 'vitest'
import { decodeFrames } from '../../src/streams/frames.ts'

describe('frames', () => {
  it('in great number let timers go on between them', async () => {
    const count = 100_000
    const received = async function* (): AsyncGenerator<Uint8Array> {
      yield Uint8Array.from({ length: 2 * count }, (_, index) => (index % 2 === 0 ? 1 : 7))
    }
    let fired = false
    setTimeout(() => {
      fired = true
    }, 0)
    let before = 0
    for await (const frame of decodeFrames(10)(received())) if (!fired) before += frame.length
    expect(fired).toBe(true)
    expect(before).toBeLessThan(count)
  })
})
