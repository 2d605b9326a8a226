/**
 * Ids of transactions. Those of a transaction that was read from bytes are computed once.
 *
 * Source: BIP141, "Transaction ID"; docs/protocol/encoding.md#transaction
 */
import type { Bytes } from '../bytes/index.ts'
import { hash256, hash256All } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import type { Txid, Wtxid } from './ids.ts'
import { encodeTransaction, type Transaction } from './transaction.ts'
import { sourceOf, type TransactionSource } from './transaction-source.ts'

/** The transaction's id: hash of its encoding without witness. */
export function txid(transaction: Transaction): Txid {
  const source = sourceOf(transaction)
  if (source === undefined) return hash256(encodeTransaction(transaction, { witness: false }))
  source.txid ??= hash256(source.stripped)
  return source.txid
}

/** Hash of the full encoding, witness included; equal to {@link txid} where there is no witness. Source: BIP141. */
export function wtxid(transaction: Transaction): Wtxid {
  const source = sourceOf(transaction)
  if (source === undefined) return hash256(encodeTransaction(transaction))
  const id = source.wtxid ?? hash256(source.raw)
  source.wtxid = id
  return id
}

/** The {@link txid} of every transaction, in their order: faster than one by one. */
export function txids(transactions: readonly Transaction[]): Txid[] {
  return withGapsHashed(
    transactions,
    (transaction) => sourceOf(transaction)?.txid,
    (transaction) => sourceOf(transaction)?.stripped ?? encodeTransaction(transaction, { witness: false }),
    (source, id) => {
      source.txid = id
    },
  )
}

/** The {@link wtxid} of every transaction, in their order: faster than one by one. */
export function wtxids(transactions: readonly Transaction[]): Wtxid[] {
  return withGapsHashed(
    transactions,
    (transaction) => sourceOf(transaction)?.wtxid,
    (transaction) => sourceOf(transaction)?.raw ?? encodeTransaction(transaction),
    (source, id) => {
      source.wtxid = id
    },
  )
}

/** The known id of each transaction, or else the hash of its encoding, which is then remembered. */
function withGapsHashed(
  transactions: readonly Transaction[],
  known: (transaction: Transaction) => Uint8Array | undefined,
  encode: (transaction: Transaction) => Bytes,
  remember: (source: TransactionSource, id: Uint8Array) => void,
): Uint8Array[] {
  const ids = transactions.map(known)
  const unknown = transactions.filter((_, index) => ids[index] === undefined)
  const hashes = hash256All(unknown.map(encode))
  let next = 0
  return transactions.map((transaction, index) => {
    const id: Uint8Array | undefined = ids[index] ?? hashes[next++]
    invariant(id !== undefined, 'There is one hash for each gap.')
    const source = sourceOf(transaction)
    if (source !== undefined) remember(source, id)
    return id
  })
}
