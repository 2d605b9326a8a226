/**
 * The branches of the block tree that could be connected, by their ends.
 *
 * A node is linked when the bodies of it and of all before it are there, or were connected once. The ends of the linked
 * part of the tree are the candidates for the active chain's tip.
 *
 * Source: docs/protocol/consensus.md#chain
 */
import { invariant } from '../errors/index.ts'
import type { BlockNode } from './block-tree.ts'

/** Bounded by the number of branches, each of which costs at least the work of one block. */
export class Branches {
  readonly #ends = new Set<BlockNode>()

  /** Whether a node can be linked: it is not invalid, its body is known, and its parent is linked. */
  isLinkable(node: BlockNode): boolean {
    const parentLinked = node.parent === undefined || node.parent.linked
    return parentLinked && !node.failed && (node.hasBody || node.validity === 'connected')
  }

  /** Links a linkable node, and the descendants that waited for it. */
  link(first: BlockNode): void {
    const waiting = [first]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      node.linked = true
      this.#ends.add(node)
      if (node.parent !== undefined) this.#ends.delete(node.parent)
      for (const child of node.children) if (this.isLinkable(child)) waiting.push(child)
    }
  }

  /** Marks a node and all that build on it as failed. */
  fail(root: BlockNode): void {
    const waiting = [root]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      node.failed = true
      this.#ends.delete(node)
      for (const child of node.children) waiting.push(child)
    }
    const { parent } = root
    if (parent !== undefined) this.#endAt(parent)
  }

  /** Takes back that a node is linked, whose body is not there after all; none of its children is linked. */
  unlink(node: BlockNode): void {
    if (!node.linked) return
    node.linked = false
    this.#ends.delete(node)
    if (node.parent !== undefined) this.#endAt(node.parent)
  }

  /** Makes a node an end if none of its children can be one. */
  #endAt(node: BlockNode): void {
    const isEnd = node.linked && !node.failed
    if (isEnd && !node.children.some((child) => child.linked && !child.failed)) this.#ends.add(node)
  }

  /** The end with the most work; of equals `preferred`, then the one that was there first. */
  best(preferred: BlockNode): BlockNode {
    let best = preferred.failed ? undefined : preferred
    for (const node of this.#ends) if (best === undefined || node.chainWork > best.chainWork) best = node
    invariant(best !== undefined, 'The genesis block never fails.')
    return best
  }
}
