/**
 * The block index: every known header in its tree, what is known of each block, and which branches are candidates for the
 * active chain.
 *
 * Holds no coins and writes nothing: what changes is returned, so that the chain manager can store it.
 *
 * Source: docs/protocol/consensus.md#chain
 */
import { equalBytes } from '../bytes/index.ts'
import { type ChainSpec, checkHeader, RuleError } from '../consensus/index.ts'
import { type BlockHash, type BlockHeader, blockHash, formatHash } from '../primitives/index.ts'
import type { UnixTime } from '../units/index.ts'
import { storeInconsistent } from './active-chain.ts'
import { type BlockNode, BlockTree } from './block-tree.ts'
import { Branches } from './branches.ts'
import type { BlockRecord } from './chain-store.ts'

/** Every known header with what is known of its block, and the branches among which the best is chosen. */
export class BlockIndex {
  readonly #spec: ChainSpec
  readonly #clock: () => UnixTime
  readonly #tree: BlockTree
  #branches = new Branches()
  #bestHeader: BlockNode

  constructor(spec: ChainSpec, clock: () => UnixTime) {
    const { header } = spec.consensus.genesis
    this.#spec = spec
    this.#clock = clock
    this.#tree = new BlockTree(blockHash(header), header)
    this.#bestHeader = this.#tree.genesis
  }

  /** The first block of the network; height 0. */
  get genesis(): BlockNode {
    return this.#tree.genesis
  }

  /** The end of the header chain with the most work that is not known to be invalid. */
  get bestHeader(): BlockNode {
    return this.#bestHeader
  }

  /** How many headers are known. */
  get size(): number {
    return this.#tree.size
  }

  /** What is known of a block, or `undefined`. */
  find(hash: BlockHash): BlockNode | undefined {
    return this.#tree.get(hash)
  }

  /** Takes up a stored record. @throws {OperationalError} `store-inconsistent` when its parent is not known */
  load(record: BlockRecord): void {
    const node = this.#place(record)
    node.validity = record.validity
    node.hasBody = record.hasBody
    node.transactionCount = record.transactionCount
    node.filterHeader = record.filterHeader
    node.failed ||= record.validity === 'invalid'
    this.#considerBestHeader(node)
    this.link(node)
  }

  #place({ hash, header, height }: BlockRecord): BlockNode {
    if (height === 0 && equalBytes(hash, this.genesis.hash)) return this.genesis
    const parent = this.find(header.parent)
    if (parent === undefined) throw storeInconsistent(`the block ${formatHash(hash)} has no parent in it`)
    return this.#tree.add(hash, header, parent)
  }

  /**
   * Finds or checks and adds a header.
   *
   * @throws {RuleError} `header-*`
   */
  addHeader(header: BlockHeader, hash: BlockHash): { readonly node: BlockNode; readonly isNew: boolean } {
    const existing = this.find(hash)
    const parent = this.find(header.parent)
    const failed = existing?.failed === true ? existing : parent?.failed === true ? parent : undefined
    if (failed !== undefined)
      throw new RuleError('header-branch-invalid', { invalid: formatHash(failed.hash) })
    if (existing !== undefined) return { node: existing, isNew: false }
    if (parent === undefined)
      throw new RuleError('header-not-connected', { parent: formatHash(header.parent) })
    checkHeader(this.#spec.consensus, header, hash, parent, this.#clock())
    const node = this.#tree.add(hash, header, parent)
    this.#considerBestHeader(node)
    return { node, isNew: true }
  }

  /** Makes a node whose body has come a candidate, if those before it have come too; says whether they have. */
  link(node: BlockNode): boolean {
    if (!this.#branches.isLinkable(node)) return false
    this.#branches.link(node)
    return true
  }

  /** Takes back that the body of a node is there. Its children come first, if theirs are not there either. */
  unlink(node: BlockNode): void {
    this.#branches.unlink(node)
  }

  /** Forgets a node without children. @param tip - of the active chain */
  forget(node: BlockNode, tip: BlockNode): void {
    this.#tree.remove(node)
    if (this.#bestHeader === node) this.#findBestHeader(tip)
  }

  /** The linked branch with the most work; of equals `preferred`, then the one that was there first. */
  bestBranch(preferred: BlockNode): BlockNode {
    return this.#branches.best(preferred)
  }

  /** Of headers with equal work the tip is the best: a node that has nothing more to fetch is not behind. */
  preferTip(tip: BlockNode): void {
    if (tip.chainWork >= this.#bestHeader.chainWork) this.#bestHeader = tip
  }

  /** Marks a block as invalid, and all that build on it as failed. @param tip - of the active chain */
  fail(node: BlockNode, tip: BlockNode): void {
    node.validity = 'invalid'
    this.#branches.fail(node)
    this.#findBestHeader(tip)
  }

  /**
   * Forgets that a block, those before it and those that build on it are invalid. Returns the nodes that changed.
   *
   * @param tip - of the active chain
   */
  forgive(node: BlockNode, tip: BlockNode): BlockNode[] {
    const changed: BlockNode[] = []
    for (const other of this.#tree.nodes()) {
      const isRelated =
        other.height <= node.height ? node.ancestor(other.height) === other : descendsFrom(other, node)
      if (other.validity !== 'invalid' || !isRelated) continue
      other.validity = 'header'
      changed.push(other)
    }
    this.#rebuild(tip)
    return changed
  }

  /** The ends of all branches, and the tip. */
  leaves(tip: BlockNode): BlockNode[] {
    return [...this.#tree.nodes()].filter((node) => node === tip || node.children.length === 0)
  }

  /** Works out anew which nodes have failed, are linked, and are candidates. */
  #rebuild(tip: BlockNode): void {
    this.#branches = new Branches()
    for (const node of this.#tree.nodes()) {
      node.failed = node.validity === 'invalid' || node.parent?.failed === true
      node.linked = false
    }
    // Linking a node links what waits for it, so that most are linked already when their turn comes.
    for (const node of this.#tree.nodes()) if (!node.linked) this.link(node)
    this.#findBestHeader(tip)
  }

  #considerBestHeader(node: BlockNode): void {
    if (!node.failed && node.chainWork > this.#bestHeader.chainWork) this.#bestHeader = node
  }

  #findBestHeader(tip: BlockNode): void {
    this.#bestHeader = tip
    for (const node of this.#tree.nodes()) this.#considerBestHeader(node)
  }
}

function descendsFrom(node: BlockNode, ancestor: BlockNode): boolean {
  return node.ancestor(ancestor.height) === ancestor
}
