import { ByteWriter } from '@chain/core/bytes'
import { writeCoin } from '@chain/core/chain'
import type { Coin } from '@chain/core/primitives'

/** The value of a row of `coins`. */
export function encodeCoin(coin: Coin): Uint8Array {
  const writer = new ByteWriter()
  writeCoin(writer, coin)
  return writer.toBytes()
}
