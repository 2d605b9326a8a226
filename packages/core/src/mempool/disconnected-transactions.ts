/**
 * Transactions of blocks that a reorganisation took away, until the new tip is known: in the order of the chain, so that
 * parents come back before their children.
 *
 * Bounded in virtual bytes: more than fits into a mempool would not return anyway. The highest blocks give way, since
 * their transactions may depend on those below but not the other way round.
 *
 * Source: Bitcoin Core, `DisconnectedBlockTransactions`; docs/protocol/policy.md#following-the-chain
 */
import { type Block, type Transaction, virtualSize } from '../primitives/index.ts'

/**
 * Transactions of blocks that a reorganisation took away, until the new branch is connected. Bounded by their
 * virtual size.
 */
export class DisconnectedTransactions {
  readonly #maxSize: number
  /** Of each block; the highest block first. */
  #blocks: (readonly Transaction[])[] = []
  #size = 0
  #isOpen = false

  /** @param maxSize - virtual bytes */
  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  /** Whether blocks were taken away since {@link take}. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Keeps what a block held but its coinbase; blocks come from the tip down. */
  add(block: Block): void {
    this.#isOpen = true
    const transactions = block.transactions.slice(1)
    this.#blocks.push(transactions)
    this.#size += sizeOf(transactions)
    while (this.#size > this.#maxSize) this.#size -= sizeOf(this.#blocks.shift() ?? [])
  }

  /** Gives back everything in the order of the chain. */
  take(): Transaction[] {
    const transactions = this.#blocks.reverse().flat()
    this.#blocks = []
    this.#size = 0
    this.#isOpen = false
    return transactions
  }
}

function sizeOf(transactions: readonly Transaction[]): number {
  return transactions.reduce((sum, transaction) => sum + virtualSize(transaction), 0)
}
