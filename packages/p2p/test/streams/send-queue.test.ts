import { describe, expect, it } from 'vitest'
import { SendQueue } from '../../src/streams/send-queue.ts'

const frame = (first: number): Uint8Array => Uint8Array.of(first, 0)

describe('a send queue', () => {
  it('hands frames over in order and says when each has been taken', async () => {
    const queue = new SendQueue({ frames: 10, bytes: 100 })
    const pushed = [1, 2, 3].map((first) => queue.push(frame(first)))
    queue.close()
    const taken: number[] = []
    for await (const [first = 0] of queue) taken.push(first)
    expect(taken).toEqual([1, 2, 3])
    await Promise.all(pushed)
  })

  it('waits for frames that come later', async () => {
    const queue = new SendQueue({ frames: 10, bytes: 100 })
    const frames = queue[Symbol.asyncIterator]()
    const next = frames.next()
    const pushed = queue.push(frame(1))
    expect((await next).value).toEqual(frame(1))
    queue.close()
    expect((await frames.next()).done).toBe(true)
    await pushed
  })

  it.each([
    ['number', { frames: 2, bytes: 100 }],
    ['bytes', { frames: 100, bytes: 4 }],
  ])('refuses what exceeds its bound in %s', async (_, limits) => {
    const queue = new SendQueue(limits)
    const kept = [queue.push(frame(1)), queue.push(frame(2))]
    await expect(queue.push(frame(3))).rejects.toMatchObject({ code: 'relay-queue-full' })
    const frames = queue[Symbol.asyncIterator]()
    await frames.next()
    await frames.next()
    const pushed = queue.push(frame(3))
    queue.close()
    for await (const _frame of frames);
    await Promise.all([...kept, pushed])
  })

  it('tells all senders why they failed, the one whose frame was on its way too', async () => {
    const queue = new SendQueue({ frames: 10, bytes: 100 })
    const frames = queue[Symbol.asyncIterator]()
    const pushed = [queue.push(frame(1)), queue.push(frame(2))]
    const outcomes = Promise.allSettled(pushed)
    await frames.next()
    const reason = new Error('cable cut')
    queue.fail(reason)
    await frames.return()
    expect((await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual([
      reason,
      reason,
    ])
    await expect(queue.push(frame(3))).rejects.toBe(reason)
  })

  it('takes nothing after it was closed', async () => {
    const queue = new SendQueue({ frames: 10, bytes: 100 })
    queue.close()
    await expect(queue.push(frame(1))).rejects.toMatchObject({ code: 'peer-closed' })
  })
})
