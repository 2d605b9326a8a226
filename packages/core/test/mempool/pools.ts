/** Mempools for tests, on a chain with mature coins. */
import { concatBytes } from '@chain/core/bytes'
import type { ChainManager } from '@chain/core/chain'
import { type ChainSpec, inlineVerifier, type SignatureVerifier } from '@chain/core/consensus'
import {
  encodeMempool,
  Mempool,
  type MempoolOutcome,
  type PolicyLimits,
  type TestOutcome,
} from '@chain/core/mempool'
import { type Block, type Transaction, type TransactionOutput, txid } from '@chain/core/primitives'
import { ManualClock, type PlacedCoin } from '@chain/core/testing'
import { FAR_FUTURE, openChain } from '../chains.ts'

export interface Pool {
  readonly chain: ChainManager
  readonly mempool: Mempool
  readonly clock: ManualClock
  /** What was added and removed: such as `added`, `removed conflict`. */
  readonly events: string[]
}

/** A mempool that follows a chain of `blocks`. */
export async function openPool(
  spec: ChainSpec,
  blocks: readonly Block[],
  options: { limits?: Partial<PolicyLimits>; verifier?: SignatureVerifier } = {},
): Promise<Pool> {
  const chain = await openChain(spec, blocks)
  const clock = new ManualClock(FAR_FUTURE)
  const { verifier = inlineVerifier, limits = {} } = options
  const mempool = new Mempool({ chain, verifier, clock: clock.now }, limits)
  const events: string[] = []
  mempool.subscribe((event) => {
    events.push(event.type === 'transaction-added' ? 'added' : `removed ${event.reason}`)
  })
  return { chain, mempool, clock, events }
}

/** An output of a transaction that waits, as a coin to spend. */
export function outputOf(transaction: Transaction, index = 0): PlacedCoin {
  const output = transaction.outputs[index] as TransactionOutput
  return [
    { txid: txid(transaction), index },
    { output, height: 0, isCoinbase: false },
  ]
}

/** What is saved of a mempool, as bytes. */
export function savedBytes(mempool: Mempool): Uint8Array {
  return concatBytes(...encodeMempool(mempool.save()))
}

/** The code of a refusal, or the status where it is none. */
export function verdict(outcome: MempoolOutcome | TestOutcome): string {
  return outcome.status === 'refused' ? outcome.error.code : outcome.status
}
