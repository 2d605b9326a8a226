import { expect, it } from 'vitest'
import { passTurn } from '../src/turn.ts'

/** Keeps the thread for so many milliseconds. */
function burn(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

it('loops that have much to do share one turn, and others have theirs in between', async () => {
  let pauses = 0
  let isOver = false
  const tick = (): void => {
    pauses += 1
    if (!isOver) setImmediate(tick)
  }
  setImmediate(tick)
  const loops = 20
  const rounds = 5
  const turns = new Map<number, number>()
  const loop = async (): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      await passTurn()
      turns.set(pauses, (turns.get(pauses) ?? 0) + 1)
      burn(6)
    }
  }
  // The turn is over when they begin.
  burn(6)
  await Promise.all(Array.from({ length: loops }, loop))
  isOver = true
  expect([...turns.values()].reduce((sum, count) => sum + count)).toBe(loops * rounds)
  expect(Math.max(...turns.values())).toBeLessThanOrEqual(2)
})

it('a loop with little to do waits for nobody while the turn lasts', async () => {
  await passTurn()
  burn(6)
  await passTurn()
  let pauses = 0
  setImmediate(() => {
    pauses += 1
  })
  for (let round = 0; round < 10; round++) await passTurn()
  expect(pauses).toBe(0)
})

it('all loops with little to do go on after one pause, however many they are', async () => {
  burn(6)
  let pauses = 0
  let isOver = false
  const tick = (): void => {
    pauses += 1
    // Other work that takes longer than the turn.
    burn(6)
    if (!isOver) setImmediate(tick)
  }
  setImmediate(tick)
  await Promise.all(Array.from({ length: 100 }, () => passTurn()))
  isOver = true
  expect(pauses).toBeLessThanOrEqual(2)
})
