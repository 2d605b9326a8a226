import { expect, test } from 'vitest'
import { BATCH_CHECKS, BatchRing, placeOf, RING_LENGTH, RING_PLACES } from '../src/batch-ring.ts'
import type { SignedDigest } from '../src/engine.ts'

function check(id: number): SignedDigest {
  const digest = new Uint8Array(32).fill(id)
  return { algorithm: 'ecdsa', digest, publicKey: new Uint8Array(33), signature: new Uint8Array(id % 73) }
}

function batch(first: number, count: number): SignedDigest[] {
  return Array.from({ length: count }, (_, index) => check((first + index) & 0xff))
}

test('batches are taken as they were published, in order, each once', () => {
  const ring = new BatchRing()
  const other = new BatchRing(ring.memory)
  for (let round = 0; round < 3 * RING_PLACES; round++) {
    ring.publish(batch(round, 1 + (round % BATCH_CHECKS)))
    ring.publish(batch(round, BATCH_CHECKS))
    expect(other.take()).toEqual({ number: 2 * round, checks: batch(round, 1 + (round % BATCH_CHECKS)) })
    expect(ring.take()).toEqual({ number: 2 * round + 1, checks: batch(round, BATCH_CHECKS) })
  }
})

test('as many batches as there are places can be published before one is taken', () => {
  const ring = new BatchRing()
  for (let number = 0; number < RING_PLACES; number++) ring.publish(batch(number, BATCH_CHECKS))
  for (let number = 0; number < RING_PLACES; number++)
    expect(ring.take()).toEqual({ number, checks: batch(number, BATCH_CHECKS) })
})

test.each([2 ** 31 - 2, 2 ** 32 - 2])('the numbers of batches go on beyond %i', (start) => {
  const memory = new SharedArrayBuffer(RING_LENGTH)
  new Uint32Array(memory).set([start, start])
  const ring = new BatchRing(memory)
  for (let round = 0; round < 4; round++) {
    const number = ring.next
    expect(number).toBe((start + round) | 0)
    expect(placeOf(number)).toBe((start + round) % RING_PLACES)
    ring.publish(batch(round, 2))
    expect(ring.take()).toEqual({ number, checks: batch(round, 2) })
  }
})

test('a batch that was taken does not change when its place is used again', () => {
  const ring = new BatchRing()
  ring.publish(batch(1, 2))
  const taken = new BatchRing(ring.memory).take()
  for (let round = 0; round < RING_PLACES; round++) ring.publish(batch(100, 2))
  expect(taken?.checks).toEqual(batch(1, 2))
})

test('who takes batches from a ring that was stopped is told to end, whatever is left', () => {
  const ring = new BatchRing()
  ring.publish(batch(1, 2))
  ring.stop()
  expect(new BatchRing(ring.memory).take()).toBeUndefined()
})
