/** Payments to measure with: a chain with many coins of one key, and signed transactions that spend one coin each. */
import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { type ChainSpec, inlineVerifier, loadNetwork } from '@chain/core/consensus'
import { decodeTransaction, encodeTransaction, type Transaction } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'

/** A chain, and transactions that it can take. */
export interface Payments {
  readonly chain: ChainManager
  readonly spec: ChainSpec
  readonly script: Uint8Array
  readonly transactions: readonly Transaction[]
  /** The time of the tip. */
  readonly now: number
}

const FEE = 1_000n

/** @param count - transactions, each with its own coin; below 20,000 so that one block makes all coins */
export async function createPayments(count: number): Promise<Payments> {
  const regtest = loadNetwork('regtest')
  const spec: ChainSpec = { ...regtest, consensus: { ...regtest.consensus, coinbaseMaturity: 1 } }
  const builder = ChainBuilder.create(spec)
  builder.mine()
  const [coin] = builder.spendable()
  if (coin === undefined) throw new Error('A coinbase matures after one block.')
  const value = coin[1].output.value / BigInt(count) - 100n
  const output = { value, scriptPubKey: builder.key.script }
  builder.mine({ transactions: [builder.spend([coin], new Array<typeof output>(count).fill(output))] })
  const coins = builder.spendable().filter(([, { output: made }]) => made.value === value)
  const transactions = coins.map((each) => {
    const payment = builder.spend([each], [{ value: value - FEE, scriptPubKey: builder.key.script }])
    return decodeTransaction(encodeTransaction(payment))
  })
  const now = builder.tip.header.time
  const chain = await ChainManager.open(spec, {
    store: new MemoryChainStore(),
    clock: () => now,
    verifier: inlineVerifier,
  })
  for (const block of builder.blocks) await chain.acceptBlock(block)
  return { chain, spec, script: builder.key.script, transactions, now }
}
