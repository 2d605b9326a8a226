import { expect, it } from 'vitest'
import { BlocksInFlight } from '../../src/block-file/blocks-in-flight.ts'

const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const MEBIBYTE = 1024 * 1024

it('a block is in flight until its work is done', async () => {
  const inFlight = new BlocksInFlight()
  const { promise, resolve } = Promise.withResolvers<void>()
  inFlight.add(hash(1), 10, promise)
  expect([inFlight.has(hash(1)), inFlight.has(hash(2)), inFlight.bytes]).toEqual([true, false, 10])
  resolve()
  await inFlight.settle()
  expect([inFlight.has(hash(1)), inFlight.bytes]).toEqual([false, 0])
})

it('there is room for a few blocks, however long they are, and for others up to a limit', async () => {
  const inFlight = new BlocksInFlight()
  const works = [1, 2, 3, 4].map((byte) => ({ byte, ...Promise.withResolvers<void>() }))
  for (const { byte, promise } of works) {
    await inFlight.hasRoom(4 * MEBIBYTE)
    inFlight.add(hash(byte), 0.4 * MEBIBYTE, promise)
  }
  await inFlight.hasRoom(0.4 * MEBIBYTE)
  let isRoom = false
  const waiting = inFlight.hasRoom(0.5 * MEBIBYTE).then(() => {
    isRoom = true
  })
  await Promise.resolve()
  expect(isRoom).toBe(false)
  works[0]?.resolve()
  await waiting
})

it('the first error is thrown to whoever waits, when all are done', async () => {
  const inFlight = new BlocksInFlight()
  const { promise, resolve } = Promise.withResolvers<void>()
  inFlight.add(hash(1), 1, Promise.reject(new Error('first')))
  inFlight.add(
    hash(2),
    1,
    promise.then(() => Promise.reject(new Error('second'))),
  )
  resolve()
  await expect(inFlight.settle()).rejects.toThrow('first')
  expect(inFlight.bytes).toBe(0)
  await expect(inFlight.hasRoom(1)).rejects.toThrow('first')
})
