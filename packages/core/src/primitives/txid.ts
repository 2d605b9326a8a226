/**
 * Ids of transactions. Those of a transaction that was read from bytes are computed once.
 *
 * Source: BIP141, "Transaction ID"; docs/protocol/encoding.md#transaction
 */
import { type Bytes, ByteWriter } from '../bytes/index.ts'
import { hash256, hash256All } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import type { Txid, Wtxid } from './ids.ts'
import { encodeTransaction, type Transaction, transactionLength, writeTransaction } from './transaction.ts'
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
    stripAll,
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
    (unknown) => unknown.map((transaction) => sourceOf(transaction)?.raw ?? encodeTransaction(transaction)),
    (source, id) => {
      source.wtxid = id
    },
  )
}

/** The encodings without witness, one after the other in one array: many small ones take longer to make than to hash. */
function stripAll(transactions: readonly Transaction[]): Bytes[] {
  let length = 0
  for (const transaction of transactions) length += transactionLength(transaction, { witness: false })
  const writer = new ByteWriter(length)
  const ends = transactions.map((transaction) => {
    writeTransaction(writer, transaction, { witness: false })
    return writer.length
  })
  const all = writer.view
  return ends.map((end, index) => all.subarray(ends[index - 1] ?? 0, end))
}

/** The known id of each transaction, or else the hash of its encoding, which is then remembered. */
function withGapsHashed(
  transactions: readonly Transaction[],
  known: (transaction: Transaction) => Uint8Array | undefined,
  encodeAll: (transactions: readonly Transaction[]) => Bytes[],
  remember: (source: TransactionSource, id: Uint8Array) => void,
): Uint8Array[] {
  const ids = transactions.map(known)
  const unknown = transactions.filter((_, index) => ids[index] === undefined)
  const hashes = hash256All(encodeAll(unknown))
  let next = 0
  return transactions.map((transaction, index) => {
    const id: Uint8Array | undefined = ids[index] ?? hashes[next++]
    invariant(id !== undefined, 'There is one hash for each gap.')
    const source = sourceOf(transaction)
    if (source !== undefined) remember(source, id)
    return id
  })
}
