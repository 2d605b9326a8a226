/**
 * Coinbases: the first transaction of a block, which pays the miner and carries the block's commitments.
 *
 * Source: BIP34, BIP141; docs/protocol/consensus.md#coinbase
 */
import { type Bytes, concatBytes } from '../bytes/index.ts'
import {
  computeWitnessCommitment,
  encodeCoinbaseHeight,
  filterCommitmentScript,
  SEQUENCE_FINAL,
  witnessCommitmentScript,
} from '../consensus/index.ts'
import { invariant } from '../errors/index.ts'
import {
  NULL_INDEX,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
  ZERO_HASH,
} from '../primitives/index.ts'
import type { Amount, Height } from '../units/index.ts'

/** The 32 bytes in a coinbase's witness; any would do. */
const WITNESS_NONCE = new Uint8Array(32)

/** What a coinbase is made of. */
export interface CoinbaseOptions {
  readonly height: Height
  /** Subsidy and fees, in base units. */
  readonly value: Amount
  /** Whom it pays. */
  readonly script: Bytes
  /** Makes coinbases differ when the nonces of a header are used up: 0 to 2^32 - 1. */
  readonly extraNonce: number
  /** The parent block's filter header, on networks that commit to it. */
  readonly filterHeader: Bytes | undefined
  /** The block's other transactions, in order. */
  readonly transactions: readonly Transaction[]
}

/** The coinbase of a block. */
export function createCoinbase(options: CoinbaseOptions): Transaction {
  const { height, value, script, extraNonce, filterHeader, transactions } = options
  const outputs: TransactionOutput[] = [{ value, scriptPubKey: script }]
  if (filterHeader !== undefined)
    outputs.push({ value: 0n, scriptPubKey: filterCommitmentScript(filterHeader) })
  const bare: Transaction = {
    version: 2,
    inputs: [
      {
        previousOutput: { txid: ZERO_HASH, index: NULL_INDEX },
        scriptSig: concatBytes(encodeCoinbaseHeight(height), pushExtraNonce(extraNonce)),
        sequence: SEQUENCE_FINAL,
        witness: [WITNESS_NONCE],
      },
    ],
    outputs,
    lockTime: 0,
  }
  // The coinbase's own wtxid counts as zeros, so that the commitment does not depend on the output that carries it.
  const commitment = computeWitnessCommitment({ transactions: [bare, ...transactions] }, WITNESS_NONCE)
  return { ...bare, outputs: [...outputs, { value: 0n, scriptPubKey: witnessCommitmentScript(commitment) }] }
}

/** Bytes of the push of the extra nonce, with which a coinbase's script ends. */
const PUSH_LENGTH = 5

function pushExtraNonce(extraNonce: number): Uint8Array {
  const push = Uint8Array.of(PUSH_LENGTH - 1, 0, 0, 0, 0)
  new DataView(push.buffer).setUint32(1, extraNonce)
  return push
}

/** The input of a coinbase that was made by {@link createCoinbase}. */
function inputOf(coinbase: Transaction | undefined): TransactionInput {
  const input = coinbase?.inputs[0]
  invariant(
    input !== undefined && input.scriptSig.at(-PUSH_LENGTH) === PUSH_LENGTH - 1,
    'A template begins with a coinbase whose script ends with the extra nonce.',
  )
  return input
}

/** The extra nonce of a template's coinbase. */
export function coinbaseExtraNonce(coinbase: Transaction | undefined): number {
  const { scriptSig } = inputOf(coinbase)
  return new DataView(scriptSig.buffer, scriptSig.byteOffset, scriptSig.length).getUint32(
    scriptSig.length - 4,
  )
}

/** A template's coinbase with another extra nonce: 0 to 2^32 - 1. */
export function withCoinbaseExtraNonce(coinbase: Transaction | undefined, extraNonce: number): Transaction {
  const input = inputOf(coinbase)
  const scriptSig = concatBytes(input.scriptSig.subarray(0, -PUSH_LENGTH), pushExtraNonce(extraNonce))
  return { ...(coinbase as Transaction), inputs: [{ ...input, scriptSig }] }
}
