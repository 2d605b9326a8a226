import { createHash } from 'node:crypto'
import type { ChainStore } from '@chain/core/chain'
import { coinKey } from '../src/layout.ts'
import { encodeCoin } from './encode-coin.ts'

/** A digest of every coin of a store, equal exactly when the coins are. */
export function digestCoins(store: ChainStore): string {
  const hash = createHash('sha256')
  for (const [outpoint, coin] of store.readCoins()) hash.update(coinKey(outpoint)).update(encodeCoin(coin))
  return hash.digest('hex')
}
