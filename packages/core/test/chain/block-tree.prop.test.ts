import { type BlockNode, BlockTree, createLocator, forkPoint } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { array, assert, integer, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'

const { header } = loadNetwork('regtest').consensus.genesis

/** A tree whose nodes are made up: only their places matter here. */
function growTree(parents: readonly number[]): BlockNode[] {
  const tree = new BlockTree(nameOf(0), header)
  const nodes = [tree.genesis]
  parents.forEach((parent, index) => {
    nodes.push(tree.add(nameOf(index + 1), header, nodes[parent % nodes.length] as BlockNode))
  })
  return nodes
}

function nameOf(index: number): Uint8Array {
  const name = new Uint8Array(32)
  new DataView(name.buffer).setUint32(0, index)
  return name
}

/** A line of `height` blocks after the genesis block, and its end. */
function growLine(height: number): BlockNode {
  const tree = new BlockTree(nameOf(0), header)
  let end = tree.genesis
  for (let i = 1; i <= height; i++) end = tree.add(nameOf(i), header, end)
  return end
}

function walkTo(node: BlockNode, height: number): BlockNode {
  let at = node
  while (at.height > height) at = at.parent as BlockNode
  return at
}

describe('a block tree', () => {
  test('finds the ancestor that walking back finds', () => {
    const end = growLine(2_000)
    const law = property(nat(2_000), nat(2_000), (a, b) => {
      const node = walkTo(end, Math.max(a, b))
      expect(node.ancestor(Math.min(a, b))).toBe(walkTo(node, Math.min(a, b)))
    })
    assert(law)
  })

  test('finds where two branches part', () => {
    const law = property(array(nat(30), { maxLength: 30 }), nat(30), nat(30), (parents, a, b) => {
      const nodes = growTree(parents)
      const [left, right] = [nodes[a % nodes.length] as BlockNode, nodes[b % nodes.length] as BlockNode]
      const fork = forkPoint(left, right)
      expect(fork).toBe(forkPoint(right, left))
      expect(left.ancestor(fork.height)).toBe(fork)
      expect(right.ancestor(fork.height)).toBe(fork)
      if (fork !== left && fork !== right) {
        expect(left.ancestor(fork.height + 1)).not.toBe(right.ancestor(fork.height + 1))
      }
    })
    assert(law)
  })

  test('adds up the work of each branch', () => {
    const law = property(array(nat(30), { maxLength: 30 }), (parents) => {
      const nodes = growTree(parents)
      for (const node of nodes) expect(node.chainWork).toBe(BigInt(node.height + 1) * 2n)
    })
    assert(law)
  })
})

describe('a locator', () => {
  test('is dense at the end, sparse below, and holds the genesis block', () => {
    const end = growLine(3_000)
    const law = property(integer({ min: 0, max: 3_000 }), (height) => {
      const node = end.ancestor(height)
      const heights = createLocator(node).map((hash) => new DataView(hash.buffer).getUint32(0))
      expect(heights.slice(0, 10)).toEqual(
        Array.from({ length: Math.min(10, height + 1) }, (_, index) => height - index),
      )
      if (height >= 15) expect(heights.slice(10, 12)).toEqual([height - 11, height - 15])
      expect(heights.at(-1)).toBe(0)
      expect(heights).toEqual([...new Set(heights)].sort((a, b) => b - a))
      expect(heights.length).toBeLessThanOrEqual(12 + Math.log2(height + 1))
    })
    assert(law)
  })
})
