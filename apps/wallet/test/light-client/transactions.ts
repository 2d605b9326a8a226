/** Transactions for tests of the ledger, which looks at neither signatures nor work. */
import { NULL_INDEX, type OutPoint, type Transaction, txid, ZERO_HASH } from '@chain/core/primitives'
import { p2wpkhScript } from '@chain/core/script'
import { Account, type KeyBranch } from '@chain/core/wallet'

export const account: Account = Account.fromSeed(new Uint8Array(64).fill(9), 1)

/** An output script of somebody else. */
export const theirs: Uint8Array = p2wpkhScript(new Uint8Array(20).fill(0xee))

/** An output script of the account. */
export function ours(index = 0, branch: KeyBranch = 'receive'): Uint8Array {
  return account.script({ branch, index })
}

/** A transaction that spends outpoints and pays scripts. @param tag - tells apart those that are the same otherwise */
export function pay(
  inputs: readonly OutPoint[],
  outputs: readonly (readonly [value: number, script: Uint8Array])[],
  tag = 0,
): Transaction {
  return {
    version: 2,
    inputs: inputs.map((previousOutput) => ({
      previousOutput,
      scriptSig: new Uint8Array(),
      sequence: 0xffffffff,
      witness: [],
    })),
    outputs: outputs.map(([value, scriptPubKey]) => ({ value: BigInt(value), scriptPubKey })),
    lockTime: tag,
  }
}

/** The outpoint of an output of a transaction. */
export function outputOf(transaction: Transaction, index = 0): OutPoint {
  return { txid: txid(transaction), index }
}

/** Some outpoint that nobody here knows. */
export function elsewhere(tag: number): OutPoint {
  return { txid: new Uint8Array(32).fill(tag & 0xff), index: tag >>> 8 }
}

export function coinbase(height: number, value: number, script: Uint8Array): Transaction {
  return pay([{ txid: ZERO_HASH, index: NULL_INDEX }], [[value, script]], height)
}
