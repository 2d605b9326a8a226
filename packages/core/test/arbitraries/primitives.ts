/** Arbitrary values of the protocol, for property and fuzz tests: everything that has an encoding, valid or not. */
import type { BlockUndo } from '@chain/core/chain'
import type { SavedMempool } from '@chain/core/mempool'
import {
  type Block,
  type BlockHeader,
  type Coin,
  type CompactBlock,
  createCompactBlock,
  MAX_PROOF_TRANSACTIONS,
  type MerkleBlock,
  type OutPoint,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
} from '@chain/core/primitives'
import { nullDataScript, p2trScript, p2wpkhScript } from '@chain/core/script'
import { MAX_AMOUNT } from '@chain/core/units'
import {
  type Arbitrary,
  array,
  bigInt,
  boolean,
  constant,
  integer,
  maxSafeNat,
  oneof,
  record,
  tuple,
  uint8Array,
} from 'fast-check'

export const uint32: Arbitrary<number> = integer({ min: 0, max: 0xffffffff })
export const int32: Arbitrary<number> = integer({ min: -0x80000000, max: 0x7fffffff })

/** As many bytes as asked for. */
export function bytes(length: number): Arbitrary<Uint8Array> {
  return uint8Array({ minLength: length, maxLength: length })
}

export const hash: Arbitrary<Uint8Array> = bytes(32)

/** Scripts of every template, and of none. */
export const script: Arbitrary<Uint8Array> = oneof(
  uint8Array({ maxLength: 60 }),
  bytes(20).map(p2wpkhScript),
  bytes(32).map(p2trScript),
  uint8Array({ maxLength: 300 }).map(nullDataScript),
)

/** Amounts that the rules allow, round and odd ones. */
export const amount: Arbitrary<bigint> = oneof(
  bigInt({ min: 0n, max: MAX_AMOUNT }),
  integer({ min: 0, max: 21_000_000 }).map((coins) => BigInt(coins) * 100_000_000n),
  integer({ min: 0, max: 15 }).map((digits) => 10n ** BigInt(digits)),
  constant(MAX_AMOUNT),
)

export const outpoint: Arbitrary<OutPoint> = record({ txid: hash, index: uint32 })

export const output: Arbitrary<TransactionOutput> = record({
  value: oneof(amount, bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  scriptPubKey: script,
})

export const input: Arbitrary<TransactionInput> = record({
  previousOutput: outpoint,
  scriptSig: uint8Array({ maxLength: 120 }),
  sequence: uint32,
  witness: oneof(constant([]), array(uint8Array({ maxLength: 80 }), { maxLength: 4 })),
})

/** Any transaction that can be read back: it has an input. */
export const transaction: Arbitrary<Transaction> = record({
  version: int32,
  inputs: array(input, { minLength: 1, maxLength: 4 }),
  outputs: array(output, { maxLength: 4 }),
  lockTime: uint32,
})

export const header: Arbitrary<BlockHeader> = record({
  version: int32,
  parent: hash,
  merkleRoot: hash,
  time: uint32,
  bits: uint32,
  nonce: uint32,
})

export const block: Arbitrary<Block> = record({
  header,
  transactions: array(transaction, { maxLength: 4 }),
})

export const merkleBlock: Arbitrary<MerkleBlock> = record({
  header,
  proof: record({
    transactionCount: integer({ min: 0, max: MAX_PROOF_TRANSACTIONS }),
    hashes: array(hash, { maxLength: 6 }),
    flags: uint8Array({ maxLength: 4 }),
  }),
})

export const compactBlock: Arbitrary<CompactBlock> = tuple(
  block,
  bigInt({ min: 0n, max: 2n ** 64n - 1n }),
).map(([full, nonce]) => createCompactBlock(full, nonce))

export const coin: Arbitrary<Coin> = record({
  output: record({ value: amount, scriptPubKey: oneof(script, uint8Array({ maxLength: 2_000 })) }),
  height: integer({ min: 0, max: 2 ** 31 - 1 }),
  isCoinbase: boolean(),
})

export const undo: Arbitrary<BlockUndo> = array(array(coin, { maxLength: 4 }), { maxLength: 4 })

export const savedMempool: Arbitrary<SavedMempool> = record({
  transactions: array(record({ transaction, time: maxSafeNat(), unbroadcast: boolean() }), { maxLength: 3 }),
  priorities: array(tuple(hash, bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), { maxLength: 3 }),
})

/** Ascending numbers such as a filter holds. */
export const sortedNumbers: Arbitrary<number[]> = array(integer({ min: 0, max: 2 ** 25 }), {
  maxLength: 40,
}).map((numbers) => numbers.sort((a, b) => a - b))

export const safeInteger: Arbitrary<number> = oneof(maxSafeNat(), integer({ min: 0, max: 300 }))
