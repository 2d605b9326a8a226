/**
 * Plans of blocks, trees and deeds: plain numbers that shrink well, turned into real blocks by a chain builder.
 */
import { type Block, type Transaction, type TransactionOutput, txid } from '@chain/core/primitives'
import { nullDataScript } from '@chain/core/script'
import { type ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { type Arbitrary, array, constantFrom, integer, nat, record } from 'fast-check'

/** What an output is for: the builder itself, somebody else, data, or a script that nobody here can spend. */
type OutputKind = 'own' | 'other' | 'data' | 'open'

export interface TransactionPlan {
  /** Which of the coins that are left. */
  readonly picks: readonly number[]
  /** Parts of the value, of which one more is the fee. */
  readonly outputs: readonly OutputKind[]
}

export const transactionPlan: Arbitrary<TransactionPlan> = record({
  picks: array(nat(1_000), { minLength: 1, maxLength: 4 }),
  outputs: array(constantFrom<OutputKind>('own', 'own', 'other', 'data', 'open'), {
    minLength: 1,
    maxLength: 4,
  }),
})

/** Plans of the transactions of some blocks. */
export const blockPlans: Arbitrary<TransactionPlan[][]> = array(array(transactionPlan, { maxLength: 4 }), {
  minLength: 1,
  maxLength: 5,
})

const scripts: Record<OutputKind, (builder: ChainBuilder) => Uint8Array> = {
  own: (builder) => builder.key.script,
  other: () => testKey('somebody').script,
  data: () => nullDataScript(Uint8Array.of(1, 2, 3)),
  open: () => Uint8Array.of(0x51),
}

/** A transaction that spends some of `coins`, taking them out, or `undefined` where there are none. */
export function realiseTransaction(
  builder: ChainBuilder,
  plan: TransactionPlan,
  coins: PlacedCoin[],
): Transaction | undefined {
  const taken = plan.picks.flatMap((pick) => coins.splice(pick % Math.max(coins.length, 1), 1))
  const value = taken.reduce((sum, [, { output }]) => sum + output.value, 0n)
  const part = value / BigInt(plan.outputs.length + 1)
  if (part === 0n) return undefined
  const outputs = plan.outputs.map((kind) => ({ value: part, scriptPubKey: scripts[kind](builder) }))
  return builder.spend(taken, outputs)
}

/** The outputs of a transaction that pay the builder itself, as coins for later transactions of the same block. */
export function ownOutputs(builder: ChainBuilder, transaction: Transaction): PlacedCoin[] {
  const own = builder.key.script.join()
  return transaction.outputs.flatMap((output: TransactionOutput, index): PlacedCoin[] => {
    const outpoint = { txid: txid(transaction), index }
    const coin = { output, height: builder.height + 1, isCoinbase: false }
    return output.scriptPubKey.join() === own ? [[outpoint, coin]] : []
  })
}

/** Mines a block with the planned transactions; later ones may spend what earlier ones of the block pay. */
export function mineBlock(builder: ChainBuilder, plans: readonly TransactionPlan[], extraNonce = 0): Block {
  const coins = builder.spendable()
  const transactions: Transaction[] = []
  for (const plan of plans) {
    const transaction = realiseTransaction(builder, plan, coins)
    if (transaction === undefined) continue
    transactions.push(transaction)
    coins.push(...ownOutputs(builder, transaction))
  }
  return builder.mine({ transactions, extraNonce })
}

/** A tree of blocks: each node names its parent among those before it; a bad one is a leaf that breaks a rule. */
export interface TreePlan {
  readonly nodes: readonly { readonly parent: number; readonly isBad: boolean; readonly spends: boolean }[]
  /** Which of the highest branches gets one block more, so that there is one best tip. */
  readonly favourite: number
}

export const treePlan: Arbitrary<TreePlan> = record({
  nodes: array(
    record({
      parent: nat(40),
      isBad: integer({ min: 0, max: 5 }).map((n) => n === 0),
      spends: constantFrom(true, false),
    }),
    { minLength: 2, maxLength: 20 },
  ),
  favourite: nat(20),
})

/** How many random chains a property test builds; more with `CHAIN_RANDOM_CHAINS`. */
export const randomChains = Number(process.env.CHAIN_RANDOM_CHAINS ?? 60)

/** Milliseconds that so many take on a slow machine. */
export const randomChainsTimeout: number = 20_000 + randomChains * 200
