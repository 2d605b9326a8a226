import { computeMerkle } from '@chain/core/primitives'
import { sha256 } from '@noble/hashes/sha2.js'
import { array, assert, constantFrom, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { hash } from '../arbitraries/primitives.ts'

/** The definition, word by word: pairs level by level, the last hash of an odd level with itself. */
function naiveMerkle(leaves: readonly Uint8Array[]): { root: Uint8Array; mutated: boolean } {
  let level = [...leaves]
  let mutated = false
  while (level.length > 1) {
    const pairs = Array.from({ length: Math.ceil(level.length / 2) }, (_, index) => {
      const left = level[2 * index] as Uint8Array
      const right = level[2 * index + 1]
      mutated ||= right !== undefined && Buffer.compare(left, right) === 0
      return sha256(sha256(Uint8Array.of(...left, ...(right ?? left))))
    })
    level = pairs
  }
  return { root: level[0] ?? new Uint8Array(32), mutated }
}

test('root and mutation flag are those of the definition, also where the end of the list is repeated', () => {
  const few = array(hash, { minLength: 1, maxLength: 3 })
  const count = integer({ min: 0, max: 70 })
  assert(
    property(
      few,
      array(hash, { maxLength: 40 }),
      count,
      constantFrom(0, 1, 2, 4, 8),
      (seeds, others, size, end) => {
        const list = [
          ...others,
          ...Array.from({ length: size }, (_, at) =>
            Uint8Array.from(seeds[at % seeds.length] ?? [], (byte) => byte ^ at),
          ),
        ]
        const leaves = end === 0 ? list : [...list, ...list.slice(-end)]
        expect(computeMerkle(leaves)).toEqual(naiveMerkle(leaves))
      },
    ),
  )
})
