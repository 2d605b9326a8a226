/**
 * Another header for the same template, when all its nonces were tried in vain: with a later time, or else with another
 * extra nonce in the coinbase.
 *
 * Source: docs/protocol/mining.md
 */
import { type Block, merkleRoot, txids } from '../primitives/index.ts'
import type { UnixTime } from '../units/index.ts'
import { coinbaseExtraNonce, withCoinbaseExtraNonce } from './coinbase.ts'

/**
 * The template with a header that was not searched yet. Its time never goes back, so that it stays valid.
 *
 * @param template - by `createBlockTemplate`, or by this
 * @param now - the clock, in Unix seconds
 */
export function renewTemplate(template: Block, now: UnixTime): Block {
  const { header, transactions } = template
  if (now > header.time) return { header: { ...header, time: now, nonce: 0 }, transactions }
  return withExtraNonce(template, (coinbaseExtraNonce(transactions[0]) + 1) % 2 ** 32)
}

/**
 * The template with another extra nonce: the coinbase and the Merkle root change, the witness commitment does not.
 *
 * @param extraNonce - 0 to 2^32 - 1
 */
export function withExtraNonce({ header, transactions }: Block, extraNonce: number): Block {
  const changed = [withCoinbaseExtraNonce(transactions[0], extraNonce), ...transactions.slice(1)]
  return { header: { ...header, merkleRoot: merkleRoot(txids(changed)), nonce: 0 }, transactions: changed }
}
