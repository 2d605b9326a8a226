import { expect, it } from 'vitest'
import { HeldBlocks, heldBlockLimits } from '../../src/sync/held-blocks.ts'

const hashOf = (number: number): Uint8Array => new Uint8Array(32).fill(number)

it('holds a block for its time, however often it is asked to', () => {
  const held = new HeldBlocks()
  held.hold(hashOf(1), 0)
  held.hold(hashOf(1), heldBlockLimits.time - 1)
  expect(held.nextEnd).toBe(heldBlockLimits.time)
  held.expire(heldBlockLimits.time - 1)
  expect(held.has(hashOf(1))).toBe(true)
  held.expire(heldBlockLimits.time)
  expect(held.has(hashOf(1))).toBe(false)
  expect(held.nextEnd).toBeUndefined()
})

it('lets go of a block that is released, and of no other', () => {
  const held = new HeldBlocks()
  held.hold(hashOf(1), 0)
  held.hold(hashOf(2), 1)
  expect(held.release(hashOf(1))).toBe(true)
  expect(held.release(hashOf(1))).toBe(false)
  expect([held.has(hashOf(1)), held.has(hashOf(2))]).toEqual([false, true])
})

it('holds no more than so many', () => {
  const held = new HeldBlocks()
  for (let number = 0; number <= heldBlockLimits.blocks; number++) held.hold(hashOf(number), 0)
  expect(held.size).toBe(heldBlockLimits.blocks)
  expect(held.has(hashOf(heldBlockLimits.blocks))).toBe(false)
})
