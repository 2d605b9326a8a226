/**
 * Gives out blocks in their compact form, and the transactions that receivers lack.
 *
 * The blocks that were checked last are at hand, also before they are connected; others of the active chain are read when
 * they are asked for and not far below the tip.
 *
 * Source: docs/protocol/peers.md#compact-blocks; Bitcoin Core, `MAX_CMPCTBLOCK_DEPTH`, `MAX_BLOCKTXN_DEPTH`
 */
import { bytesKey } from '@chain/core/bytes'
import { OperationalError } from '@chain/core/errors'
import {
  type Block,
  type BlockHash,
  type BlockTransactionsRequest,
  createCompactBlock,
  decodeBlock,
  encodeBlockTransactions,
  encodeCompactBlock,
  formatHash,
  type Transaction,
  transactionLength,
} from '@chain/core/primitives'
import { fieldLimits } from '@chain/wire'
import { Allowances } from '../allowances.ts'
import type { Clock } from '../clock.ts'
import type { ChainPort, LogPort } from '../ports.ts'
import { drawUint64, type Random } from '../random.ts'
import { relayLimits } from './relay-limits.ts'

/** What it works with. */
export interface CompactSourceModules {
  readonly chain: ChainPort
  readonly clock: Clock
  readonly random: Random
  readonly log: LogPort
}

interface BlockAtHand {
  readonly block: Block
  /** Its compact form, once it was made; `too-long` to be sent. */
  compact: Uint8Array | 'too-long' | undefined
}

/** Bytes of an answer beside its transactions. */
const ANSWER_OVERHEAD = 37

/** The blocks that are given out. */
export class CompactSource {
  readonly #modules: CompactSourceModules
  /** Bound: `relayLimits.blocksAtHand`; the oldest first. */
  readonly #atHand = new Map<string, BlockAtHand>()
  /** Blocks that are read for all peers together: reading one costs much more than asking for it. */
  readonly #reads = new Allowances({
    burst: relayLimits.blockReadBurst,
    perSecond: relayLimits.blockReadsPerSecond,
  })

  constructor(modules: CompactSourceModules) {
    this.#modules = modules
  }

  /** Keeps a block at hand that was checked. */
  add(hash: BlockHash, block: Block): void {
    const key = bytesKey(hash)
    if (this.#atHand.has(key)) return
    this.#atHand.set(key, { block, compact: undefined })
    const [oldest] = this.#atHand.keys()
    if (this.#atHand.size > relayLimits.blocksAtHand && oldest !== undefined) this.#atHand.delete(oldest)
  }

  /** Forgets a block that turned out to be invalid. */
  delete(hash: BlockHash): void {
    this.#atHand.delete(bytesKey(hash))
  }

  /** The compact form of a block, or `undefined` when it is too far below the tip, not here, or too long. */
  compactForm(hash: BlockHash): Uint8Array | undefined {
    const held = this.#find(hash, relayLimits.compactDepth)
    if (held === undefined) return undefined
    held.compact ??= this.#shorten(held.block)
    return held.compact === 'too-long' ? undefined : held.compact
  }

  /**
   * The encoding of transactions of a block, or `undefined` when it is too far below the tip, not here, or they are too long;
   * `beyond` when the block does not have so many.
   */
  transactions({ block, indexes }: BlockTransactionsRequest): Uint8Array | 'beyond' | undefined {
    const held = this.#find(block, relayLimits.blockTransactionsDepth)
    if (held === undefined) return undefined
    const transactions = indexes.flatMap((index) => held.block.transactions[index] ?? [])
    if (transactions.length < indexes.length) return 'beyond'
    return isShort(transactions) ? encodeBlockTransactions({ block, transactions }) : undefined
  }

  #shorten(block: Block): Uint8Array | 'too-long' {
    const bytes = encodeCompactBlock(createCompactBlock(block, drawUint64(this.#modules.random)))
    return bytes.length > fieldLimits.compactBlockBytes ? 'too-long' : bytes
  }

  #find(hash: BlockHash, depth: number): BlockAtHand | undefined {
    const { chain, clock, log } = this.#modules
    const atHand = this.#atHand.get(bytesKey(hash))
    if (atHand !== undefined) return atHand
    const node = chain.find(hash)
    if (node === undefined || !chain.isActive(node) || node.height <= chain.tip.height - depth)
      return undefined
    if (!this.#reads.takeIfThere('all', 1, clock.now())) return undefined
    try {
      const body = chain.readBody(node)
      return body === undefined ? undefined : { block: decodeBlock(body), compact: undefined }
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error
      log.debug({ hash: formatHash(hash), error }, 'A block that a peer wants cannot be read')
      return undefined
    }
  }
}

function isShort(transactions: readonly Transaction[]): boolean {
  let length = ANSWER_OVERHEAD
  for (const transaction of transactions) length += transactionLength(transaction)
  return length <= fieldLimits.blockTransactionsBytes
}
