/**
 * The tree of all known block headers, with what is known of each block.
 *
 * Source: docs/protocol/consensus.md#chain
 */
import { type Bytes, bytesKey } from '../bytes/index.ts'
import type { HeaderNode } from '../consensus/index.ts'
import { invariant } from '../errors/index.ts'
import type { BlockHash, BlockHeader } from '../primitives/index.ts'
import { type Height, targetFromCompact, type Work, workFromTarget } from '../units/index.ts'
import type { BlockRecord, BlockValidity } from './chain-store.ts'

/** A block in the tree. Its links and its header never change; what is known of it does. */
export class BlockNode implements HeaderNode {
  readonly hash: BlockHash
  readonly header: BlockHeader
  readonly height: Height
  readonly parent: BlockNode | undefined
  /** Work of this block and all before it. */
  readonly chainWork: Work
  readonly children: BlockNode[] = []
  validity: BlockValidity = 'header'
  hasBody = false
  transactionCount = 0
  filterHeader: Bytes | undefined
  /** Whether the bodies of this block and of all before it are there or were connected once. */
  linked = false
  /** Whether this block or one before it is invalid. */
  failed = false
  /** Some node far back, so that ancestors are found in few steps. */
  readonly #skip: BlockNode | undefined

  constructor(hash: BlockHash, header: BlockHeader, parent: BlockNode | undefined) {
    this.hash = hash
    // Headers of decoded blocks are views of the whole block, which must not live as long as the tree.
    this.header = {
      ...header,
      parent: parent?.hash ?? header.parent.slice(),
      merkleRoot: header.merkleRoot.slice(),
    }
    this.parent = parent
    this.height = parent === undefined ? 0 : parent.height + 1
    const target = targetFromCompact(header.bits)
    invariant(target !== undefined, 'Headers in the tree have valid targets.')
    this.chainWork = (parent?.chainWork ?? 0n) + workFromTarget(target)
    this.#skip = parent?.ancestor(skipHeight(this.height))
  }

  ancestor(height: Height): BlockNode {
    invariant(
      height >= 0 && height <= this.height,
      'An ancestor lies between the genesis block and the node.',
    )
    let node: BlockNode = this
    while (node.height > height) {
      const skip = node.#skip
      node = skip !== undefined && skip.height >= height ? skip : (node.parent as BlockNode)
    }
    return node
  }

  /** What a store keeps of the node. */
  toRecord(): BlockRecord {
    const { hash, height, header, chainWork, validity, hasBody, transactionCount, filterHeader } = this
    return { hash, height, header, chainWork, validity, hasBody, transactionCount, filterHeader }
  }
}

/**
 * Height that the node at `height` skips to: the height with its lowest one bits cleared, so that any ancestor is a
 * logarithmic number of steps away. Source: Bitcoin Core, `GetSkipHeight`.
 */
function skipHeight(height: Height): Height {
  if (height < 2) return 0
  return (height & 1) === 1 ? clearLowestOne(clearLowestOne(height - 1)) + 1 : clearLowestOne(height)
}

function clearLowestOne(value: number): number {
  return value & (value - 1)
}

/** Where two branches part: the last node that both have. */
export function forkPoint(a: BlockNode, b: BlockNode): BlockNode {
  const height = Math.min(a.height, b.height)
  let left = a.ancestor(height)
  let right = b.ancestor(height)
  while (left !== right) {
    invariant(
      left.parent !== undefined && right.parent !== undefined,
      'All branches share the genesis block.',
    )
    left = left.parent
    right = right.parent
  }
  return left
}

/**
 * All known headers. Each costs its sender the proof of work of the network, except where the target is trivial; the
 * chain manager decides what enters.
 */
export class BlockTree {
  readonly genesis: BlockNode
  readonly #nodes = new Map<string, BlockNode>()

  constructor(genesisHash: BlockHash, genesisHeader: BlockHeader) {
    this.genesis = new BlockNode(genesisHash, genesisHeader, undefined)
    this.#nodes.set(bytesKey(genesisHash), this.genesis)
  }

  /** How many headers are known. */
  get size(): number {
    return this.#nodes.size
  }

  /** The node of a block, or `undefined` when its header was never added. */
  get(hash: BlockHash): BlockNode | undefined {
    return this.#nodes.get(bytesKey(hash))
  }

  /** Adds a checked header below its parent and returns its node. */
  add(hash: BlockHash, header: BlockHeader, parent: BlockNode): BlockNode {
    const node = new BlockNode(hash, header, parent)
    node.failed = parent.failed
    parent.children.push(node)
    this.#nodes.set(bytesKey(hash), node)
    return node
  }

  /** Forgets a node without children. */
  remove(node: BlockNode): void {
    invariant(node.children.length === 0 && node.parent !== undefined, 'Nothing builds on what is forgotten.')
    node.parent.children.splice(node.parent.children.indexOf(node), 1)
    this.#nodes.delete(bytesKey(node.hash))
  }

  /** Every node, parents before their children. */
  nodes(): Iterable<BlockNode> {
    return this.#nodes.values()
  }
}
