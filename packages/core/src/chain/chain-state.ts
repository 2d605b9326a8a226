/**
 * What the parts of a chain manager share: the block index, the active chain, the store, and those who listen.
 */
import type { ChainSpec, RuleError } from '../consensus/index.ts'
import type { BlockHash, BlockHeader } from '../primitives/index.ts'
import type { ActiveChain } from './active-chain.ts'
import type { BlockIndex } from './block-index.ts'
import type { BlockNode } from './block-tree.ts'
import type { ChainEvent } from './chain-events.ts'
import type { ChainStore } from './chain-store.ts'
import type { GiveWay } from './give-way.ts'

/** The state of a chain, with the steps that keep its parts together. Changed by one task at a time. */
export class ChainState {
  readonly spec: ChainSpec
  readonly store: ChainStore
  readonly index: BlockIndex
  readonly active: ActiveChain
  readonly giveWay: GiveWay
  readonly emit: (event: ChainEvent) => void

  constructor(parts: Pick<ChainState, 'spec' | 'store' | 'index' | 'active' | 'giveWay' | 'emit'>) {
    this.spec = parts.spec
    this.store = parts.store
    this.index = parts.index
    this.active = parts.active
    this.giveWay = parts.giveWay
    this.emit = parts.emit
  }

  /** The last block of the active chain. */
  get tip(): BlockNode {
    return this.active.tip
  }

  /** Finds or checks and adds a header. @throws {RuleError} `header-*` */
  addHeader(header: BlockHeader, hash: BlockHash): { readonly node: BlockNode; readonly isNew: boolean } {
    const before = this.index.bestHeader
    const added = this.index.addHeader(header, hash)
    if (this.index.bestHeader !== before) this.emit({ type: 'best-header-changed', header: added.node })
    return added
  }

  /** Forgets a header on which nothing builds, and which is not in the store. */
  forget(node: BlockNode): void {
    const before = this.index.bestHeader
    this.index.forget(node, this.tip)
    const { bestHeader } = this.index
    if (bestHeader !== before) this.emit({ type: 'best-header-changed', header: bestHeader })
  }

  /** A block breaks a rule for good: its body is not needed any more. */
  async refuse(node: BlockNode, error: RuleError): Promise<void> {
    node.hasBody = false
    await this.fail(node)
    this.emit({ type: 'block-invalid', node, error })
  }

  /** Marks a block as invalid, and those that build on it with it. */
  async fail(node: BlockNode): Promise<void> {
    const before = this.index.bestHeader
    this.index.fail(node, this.tip)
    await this.store.commit({ records: [node.toRecord()] })
    const { bestHeader } = this.index
    if (bestHeader !== before) this.emit({ type: 'best-header-changed', header: bestHeader })
  }
}
