import { expect, it } from 'vitest'
import { WaitingRecords } from '../../src/block-file/waiting-records.ts'

const parent = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const place = (offset: number): { offset: number; length: number } => ({ offset, length: 100 })

it('records are given to the parent that they wait for, once', () => {
  const waiting = new WaitingRecords()
  waiting.add(parent(1), place(0))
  waiting.add(parent(2), place(100))
  waiting.add(parent(1), place(200))
  expect(waiting.bytes).toBe(300)
  expect(waiting.take(parent(1))).toEqual([place(0), place(200)])
  expect(waiting.take(parent(1))).toEqual([])
  expect(waiting.bytes).toBe(100)
  expect(waiting.parents()).toEqual([parent(2)])
})

it('a parent is kept as it was, whatever becomes of the bytes it was read from', () => {
  const waiting = new WaitingRecords()
  const bytes = parent(1)
  waiting.add(bytes, place(0))
  bytes.fill(9)
  expect(waiting.parents()).toEqual([parent(1)])
})

it('those that have waited longest are forgotten when there are too many', () => {
  const waiting = new WaitingRecords(2)
  for (const byte of [1, 2, 3]) waiting.add(parent(byte), place(byte))
  expect(waiting.forgotten).toBe(1)
  expect(waiting.take(parent(1))).toEqual([])
  expect(waiting.clear()).toEqual([
    [parent(2), place(2)],
    [parent(3), place(3)],
  ])
  expect([waiting.bytes, waiting.parents().length, waiting.forgotten]).toEqual([0, 0, 1])
})
