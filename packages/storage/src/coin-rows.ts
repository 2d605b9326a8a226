/**
 * Coins of one commit, encoded for their table.
 *
 * The rows lie one after the other in a single array, because an array for each row, and one for its key, would cost more
 * than everything else that is done for a coin.
 *
 * Source: docs/protocol/storage.md#coins
 */
import { ByteWriter } from '@chain/core/bytes'
import { writeCoin } from '@chain/core/chain'
import type { Coin, OutPoint } from '@chain/core/primitives'

/** Coins that come to be, and coins that are gone, with the bytes of their rows. */
export interface CoinRows {
  /** Whose coins; arrays of the one who gave them. */
  readonly outpoints: readonly OutPoint[]
  /** The rows of all coins; its `ArrayBuffer` holds nothing else. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where in `bytes` the row of each coin ends, and the next begins. A coin that is gone has an empty one. */
  readonly ends: readonly number[]
}

/** Room for a row at first: a coin of P2WPKH has about 30 bytes. */
const INITIAL_CAPACITY = 1 << 12

/** Encodes coins, each outpoint at most once; `undefined` for those that are gone. */
export function encodeCoins(coins: Iterable<readonly [OutPoint, Coin | undefined]>): CoinRows {
  const writer = new ByteWriter(INITIAL_CAPACITY)
  const outpoints: OutPoint[] = []
  const ends: number[] = []
  for (const [outpoint, coin] of coins) {
    if (coin !== undefined) writeCoin(writer, coin)
    outpoints.push(outpoint)
    ends.push(writer.length)
  }
  return { outpoints, bytes: new Uint8Array(writer.toBytes()), ends }
}
