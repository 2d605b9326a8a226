/**
 * One word for all coins of a store, in whatever way the store keeps them and in whatever order they came.
 */
import { createHash } from 'node:crypto'
import { type ChainStore, type ChainStoreBatch, MemoryChainStore } from '@chain/core/chain'
import { type Coin, formatOutPoint, type OutPoint } from '@chain/core/primitives'

/** Equal for two stores exactly when their coins are: the hashes of all coins, each bit counted. */
export class CoinDigest {
  readonly #bits = Buffer.alloc(32)

  /** Adds a coin, or takes one away that was added before. */
  toggle([outpoint, coin]: readonly [OutPoint, Coin]): void {
    const hash = hashCoin(outpoint, coin)
    for (const [at, byte] of hash.entries()) this.#bits[at] = (this.#bits[at] as number) ^ byte
  }

  /** 64 hexadecimal digits. */
  toString(): string {
    return this.#bits.toString('hex')
  }
}

function hashCoin(outpoint: OutPoint, { output, height, isCoinbase }: Coin): Buffer {
  const facts = `${formatOutPoint(outpoint)} ${output.value} ${height} ${isCoinbase} `
  return createHash('sha256').update(facts).update(output.scriptPubKey).digest()
}

/** The digest of the coins of a store. */
export function digestCoins(store: ChainStore): string {
  const digest = new CoinDigest()
  for (const coin of store.readCoins()) digest.toggle(coin)
  return digest.toString()
}

/** A store in memory that knows the digest of its coins at any time. */
export class DigestingStore extends MemoryChainStore {
  readonly digest: CoinDigest = new CoinDigest()

  override commit(batch: ChainStoreBatch): Promise<void> {
    // It can be gone through only once.
    const coins = [...(batch.coins ?? [])]
    for (const [outpoint, coin] of coins) {
      const before = this.readCoin(outpoint)
      if (before !== undefined) this.digest.toggle([outpoint, before])
      if (coin !== undefined) this.digest.toggle([outpoint, coin])
    }
    return super.commit({ ...batch, coins })
  }
}
