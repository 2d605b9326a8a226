/**
 * Values that many nodes of one process hold alike, kept once: bodies, undo data and coins.
 */
import { type Bytes, bytesKey, equalBytes } from '@chain/core/bytes'
import { type BlockHash, type Coin, type OutPoint, outpointKey } from '@chain/core/primitives'

/** A coin and where it is, with the key of the place. */
export interface SharedCoin {
  readonly key: string
  readonly outpoint: OutPoint
  readonly coin: Coin
}

/** Grows with the different values that it has seen, without bound. What it returns must not be changed. */
export class SharedValues {
  readonly #bytes = new Map<string, Bytes>()
  readonly #coins = new Map<string, SharedCoin>()

  /** The bytes, as they were first seen. @param kind - tells apart what belongs to one block */
  bytes(kind: 'body' | 'undo', hash: BlockHash, bytes: Bytes): Bytes {
    const key = `${kind} ${bytesKey(hash)}`
    const known = this.#bytes.get(key)
    if (known !== undefined && equalBytes(known, bytes)) return known
    const copy = bytes.slice()
    this.#bytes.set(key, copy)
    return copy
  }

  /** The coin, as it was first seen. */
  coin(outpoint: OutPoint, coin: Coin): SharedCoin {
    const key = outpointKey(outpoint)
    const known = this.#coins.get(key)
    if (known !== undefined && isSame(known.coin, coin)) return known
    const copy = { key: known?.key ?? key, outpoint: copyOutPoint(outpoint), coin: copyCoin(coin) }
    this.#coins.set(copy.key, copy)
    return copy
  }

  /** The key of an outpoint: the same string for the same outpoint, once a coin was seen there. */
  key(outpoint: OutPoint): string {
    const key = outpointKey(outpoint)
    return this.#coins.get(key)?.key ?? key
  }
}

function isSame(a: Coin, b: Coin): boolean {
  return (
    a.height === b.height &&
    a.isCoinbase === b.isCoinbase &&
    a.output.value === b.output.value &&
    equalBytes(a.output.scriptPubKey, b.output.scriptPubKey)
  )
}

function copyOutPoint({ txid, index }: OutPoint): OutPoint {
  return { txid: txid.slice(), index }
}

function copyCoin({ output, height, isCoinbase }: Coin): Coin {
  return { output: { value: output.value, scriptPubKey: output.scriptPubKey.slice() }, height, isCoinbase }
}
