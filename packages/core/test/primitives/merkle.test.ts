import { hash256 } from '@chain/core/crypto'
import { computeMerkle, merkleRoot, ZERO_HASH } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'

const leaves = Array.from({ length: 12 }, (_, index) => new Uint8Array(32).fill(index + 1))

function pair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash256(Uint8Array.of(...left, ...right))
}

/** The root by the definition, level by level. */
function slowRoot(level: readonly Uint8Array[]): Uint8Array {
  if (level.length === 1) return level[0] as Uint8Array
  const above: Uint8Array[] = []
  for (let i = 0; i < level.length; i += 2) {
    above.push(pair(level[i] as Uint8Array, level[i + 1] ?? (level[i] as Uint8Array)))
  }
  return slowRoot(above)
}

describe('a Merkle root', () => {
  test('of nothing is zero', () => {
    expect(computeMerkle([])).toEqual({ root: ZERO_HASH, mutated: false })
  })

  test('of one leaf is the leaf, in an array of its own', () => {
    const root = merkleRoot(leaves.slice(0, 1))
    expect(root).toEqual(leaves[0])
    expect(root).not.toBe(leaves[0])
  })

  test.each([2, 3, 5, 6, 7, 8, 11, 12])(
    'of %i leaves pairs the last of an odd level with itself',
    (count) => {
      expect(computeMerkle(leaves.slice(0, count))).toEqual({
        root: slowRoot(leaves.slice(0, count)),
        mutated: false,
      })
    },
  )
})

describe('a list that could be a mutated copy', () => {
  const [a, b, c, d, e, f] = leaves as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]

  test.each([
    ['the last leaf twice', [a, b, c], [a, b, c, c]],
    ['the last two leaves twice', [a, b, c, d, e, f], [a, b, c, d, e, f, e, f]],
  ])('%s has the same root and is found out', (_, list, copy) => {
    expect(merkleRoot(copy)).toEqual(merkleRoot(list))
    expect(computeMerkle(list).mutated).toBe(false)
    expect(computeMerkle(copy).mutated).toBe(true)
  })

  test('equal leaves that are no pair are none of it', () => {
    expect(computeMerkle([a, b, b, a]).mutated).toBe(false)
    expect(computeMerkle([a, a, b, c]).mutated).toBe(true)
  })
})
