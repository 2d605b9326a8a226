/**
 * Payments of a soak: a key that all blocks pay, its coins as they are mined, and transactions that spend them.
 *
 * Coins that a reorganisation took away are forgotten when a node refuses them. Bound: `MAX_COINS`.
 */
import { toHex } from '@chain/core/bytes'
import type { ChainSpec } from '@chain/core/consensus'
import {
  type Block,
  encodeTransaction,
  type OutPoint,
  type Transaction,
  type TransactionOutput,
  txid,
} from '@chain/core/primitives'
import { formatAddress } from '@chain/core/script'
import { signAll, testKey } from '@chain/core/testing'

/** Coins that are remembered. */
const MAX_COINS = 2_000
/** Base units that a payment leaves to the miner. */
const FEE = 1_000n

interface OwnCoin {
  readonly outpoint: OutPoint
  readonly output: TransactionOutput
  /** Height of the first block that may spend it. */
  readonly from: number
}

/** A payment that is ready to be submitted. */
export interface Payment {
  readonly hex: string
  /** Call it when a node has taken the payment: what it pays can be spent on. */
  readonly taken: () => void
}

/** The coins of one key. */
export class Payments {
  readonly #spec: ChainSpec
  readonly #key = testKey('soak')
  readonly #coins: OwnCoin[] = []

  constructor(spec: ChainSpec) {
    this.#spec = spec
  }

  /** Whom blocks are to pay. */
  get address(): string {
    return formatAddress(this.#key.script, this.#spec.addressPrefix) as string
  }

  /** A block at this height was mined for the key. */
  mined(block: Block, height: number): void {
    this.#add(block.transactions[0] as Transaction, height + this.#spec.consensus.coinbaseMaturity)
  }

  /** A payment of the oldest coin to the same key, or `undefined` when there is none to spend after this height. */
  next(height: number): Payment | undefined {
    const coin = this.#coins[0]
    if (coin === undefined || coin.from > height + 1) return undefined
    this.#coins.shift()
    const { outpoint: previousOutput, output } = coin
    const plain: Transaction = {
      version: 2,
      inputs: [{ previousOutput, scriptSig: new Uint8Array(), sequence: 0xffff_fffd, witness: [] }],
      outputs: [{ value: output.value - FEE, scriptPubKey: this.#key.script }],
      lockTime: 0,
    }
    const transaction = signAll(plain, [output], this.#key)
    return { hex: toHex(encodeTransaction(transaction)), taken: () => this.#add(transaction, 0) }
  }

  #add(transaction: Transaction, from: number): void {
    const id = txid(transaction)
    for (const [index, output] of transaction.outputs.entries()) {
      if (output.value > FEE) this.#coins.push({ outpoint: { txid: id, index }, output, from })
    }
    if (this.#coins.length > MAX_COINS) this.#coins.shift()
  }
}
