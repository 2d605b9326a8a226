import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parentsFirst } from '../src/parents-first.ts'

const named = (name: number): Uint8Array => new Uint8Array(32).fill(name)
const block = (name: number, parent: number) => ({ hash: named(name), parent: named(parent) })

test('blocks come after those that they build on, whatever order they were found in', () => {
  const tree = fc.array(fc.nat(), { maxLength: 200 }).chain((choices) => {
    // Each block builds on one of those before it; 0 is the first.
    const blocks = choices.map((choice, index) => block(index + 1, choice % (index + 1)))
    return fc.shuffledSubarray(blocks, { minLength: blocks.length })
  })
  fc.assert(
    fc.property(tree, (blocks) => {
      const { ordered, detached } = parentsFirst(blocks, named(0))
      expect(detached).toEqual([])
      expect(new Set(ordered)).toEqual(new Set(blocks))
      const seen = new Set([0])
      for (const { hash, parent } of ordered) {
        expect(seen.has(parent[0] as number)).toBe(true)
        seen.add(hash[0] as number)
      }
    }),
  )
})

test('blocks above a gap are told apart, and copies of a block come together, before what builds on it', () => {
  const [copy, one, two, three, gap] = [block(1, 0), block(1, 0), block(2, 1), block(3, 2), block(9, 8)]
  const { ordered, detached } = parentsFirst([gap, three, two, one, copy, block(0, 7)], named(0))
  expect(ordered).toEqual([one, copy, two, three])
  expect(detached).toEqual([gap])
})

test('blocks that build on each other in a circle have no place', () => {
  const circle = [block(1, 2), block(2, 1), block(3, 3)]
  const { ordered, detached } = parentsFirst(circle, named(0))
  expect(ordered).toEqual([])
  expect(new Set(detached)).toEqual(new Set(circle))
})
