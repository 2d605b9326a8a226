/** Changes to a block under construction, for `MineOptions.spoil`: each yields a block that breaks few rules at once. */
import {
  computeWitnessCommitment,
  findWitnessCommitment,
  witnessCommitmentScript,
} from '@chain/core/consensus'
import type { Block, BlockHeader, Transaction } from '@chain/core/primitives'

type Change = (block: Block) => Block

/** Adds transactions at the end, and commits to their witnesses. */
export function append(...added: readonly Transaction[]): Change {
  return (block) => recommit({ ...block, transactions: [...block.transactions, ...added] })
}

/** Changes fields of the header. */
export function withHeader(changes: Partial<BlockHeader>): Change {
  return (block) => ({ ...block, header: { ...block.header, ...changes } })
}

/** Changes the coinbase. */
export function withCoinbase(change: (coinbase: Transaction) => Transaction): Change {
  return ({ header, transactions: [coinbase, ...rest] }) => {
    return { header, transactions: [change(coinbase as Transaction), ...rest] }
  }
}

/** Changes the script of the coinbase's input. */
export function withCoinbaseScript(scriptSig: Uint8Array): Change {
  return withCoinbase((coinbase) => ({
    ...coinbase,
    inputs: coinbase.inputs.map((input) => ({ ...input, scriptSig })),
  }))
}

/** Puts another witness commitment in place of the one that is there. */
export function recommit(block: Block): Block {
  const commitment = witnessCommitmentScript(computeWitnessCommitment(block, new Uint8Array(32)))
  return withCoinbase((coinbase) => ({
    ...coinbase,
    outputs: [...withoutWitnessCommitment(coinbase).outputs, { value: 0n, scriptPubKey: commitment }],
  }))(block)
}

/** The coinbase without the output that commits to the witnesses. */
export function withoutWitnessCommitment(coinbase: Transaction): Transaction {
  const outputs = coinbase.outputs.filter((output) => {
    return findWitnessCommitment({ ...coinbase, outputs: [output] }) === undefined
  })
  return { ...coinbase, outputs }
}
