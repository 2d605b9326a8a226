/**
 * What all coins together are: their number, their worth, and one hash.
 *
 * Reads them as they are at one moment, in turns, so that the node goes on with its work meanwhile.
 *
 * Source: Bitcoin Core, `ComputeUTXOStats`, `GetBogoSize`, `TxOutSer`
 */
import { createHash, type Hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ByteWriter, equalBytes } from '@chain/core/bytes'
import type { Coin, OutPoint, Txid } from '@chain/core/primitives'
import type { Amount } from '@chain/core/units'

/** Coins between two looks at the clock. */
const COINS_AT_ONCE = 256

/** Milliseconds of work after which others get their turn. */
const TURN = 10

/** What coins are without their scripts in {@link CoinTotals.bogosize}: id 32, index 4, height 4, amount 8, length 2. */
const COIN_OVERHEAD = 50

/** All coins together. */
export interface CoinTotals {
  readonly coins: number
  /** Transactions that have one. */
  readonly transactions: number
  readonly amount: Amount
  /** Bytes, independent of how they are stored. */
  readonly bogosize: number
  /** SHA-256 twice of all coins, in hash order; `undefined` unless it is wanted. */
  readonly hash: Uint8Array | undefined
}

/**
 * Adds coins up.
 *
 * @param coins - ordered by transaction id bytes, then index
 * @param signal - ends it with its reason
 */
export async function sumCoins(
  coins: Iterable<readonly [OutPoint, Coin]>,
  isHashed: boolean,
  signal: AbortSignal,
): Promise<CoinTotals> {
  const sum = new CoinSum(isHashed)
  let count = 0
  let turn = performance.now()
  for (const [outpoint, coin] of coins) {
    sum.add(outpoint, coin)
    count += 1
    if (count % COINS_AT_ONCE !== 0 || performance.now() - turn < TURN) continue
    await nextTurn(undefined, { signal })
    turn = performance.now()
  }
  return sum.totals()
}

class CoinSum {
  readonly #hash: Hash | undefined
  #coins = 0
  #transactions = 0
  #amount = 0n
  #bogosize = 0
  #last: Txid | undefined

  constructor(isHashed: boolean) {
    this.#hash = isHashed ? createHash('sha256') : undefined
  }

  add(outpoint: OutPoint, coin: Coin): void {
    const { value, scriptPubKey } = coin.output
    this.#coins += 1
    if (this.#last === undefined || !equalBytes(this.#last, outpoint.txid)) this.#transactions += 1
    this.#last = outpoint.txid
    this.#amount += value
    this.#bogosize += COIN_OVERHEAD + scriptPubKey.length
    this.#hash?.update(encodeForHash(outpoint, coin))
  }

  totals(): CoinTotals {
    const inner = this.#hash?.digest()
    return {
      coins: this.#coins,
      transactions: this.#transactions,
      amount: this.#amount,
      bogosize: this.#bogosize,
      hash: inner === undefined ? undefined : createHash('sha256').update(inner).digest(),
    }
  }
}

function encodeForHash({ txid, index }: OutPoint, { output, height, isCoinbase }: Coin): Uint8Array {
  const { value, scriptPubKey } = output
  return new ByteWriter(COIN_OVERHEAD + scriptPubKey.length + 8)
    .writeBytes(txid)
    .writeUint32(index)
    .writeUint32(height * 2 + (isCoinbase ? 1 : 0))
    .writeInt64(value)
    .writeCompactSize(scriptPubKey.length)
    .writeBytes(scriptPubKey)
    .toBytes()
}
