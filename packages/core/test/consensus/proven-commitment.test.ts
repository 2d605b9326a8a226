import { blockFilterHeader } from '@chain/core/chain'
import { findProvenFilterCommitment, loadNetwork } from '@chain/core/consensus'
import {
  type Block,
  createMerkleProof,
  type MerkleBlock,
  type Transaction,
  txids,
  ZERO_HASH,
} from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { beforeAll, expect, it } from 'vitest'
import { testNetwork } from '../networks.ts'

const spec = testNetwork({ filterCommitment: true })
let builder: ChainBuilder
let tip: Block

/** The block's header with the proof of the transactions at these positions. */
function prove({ header, transactions }: Block, ...positions: number[]): MerkleBlock {
  const ids = txids(transactions)
  return {
    header,
    proof: createMerkleProof(
      ids,
      positions.flatMap((position) => ids[position] ?? []),
    ),
  }
}

function coinbaseOf(block: Block): Transaction {
  return block.transactions[0] as Transaction
}

beforeAll(() => {
  builder = ChainBuilder.create(spec)
  builder.mineEmpty(4)
  const payments = builder
    .spendable()
    .slice(0, 2)
    .map((coin) => builder.spend([coin], [{ value: 1_000n, scriptPubKey: testKey('payee').script }]))
  tip = builder.mine({ transactions: payments })
})

it('the coinbase of a block, proven, tells the filter header of its parent', () => {
  const parent = builder.tip.parent?.filterHeader
  expect(parent).toHaveLength(32)
  for (const positions of [[0], [0, 1], [0, 1, 2]]) {
    expect(findProvenFilterCommitment(prove(tip, ...positions), coinbaseOf(tip))).toEqual(parent)
  }
  const [first] = builder.blocks as [Block]
  const genesis = blockFilterHeader(spec.consensus.genesis, [], ZERO_HASH)
  expect(findProvenFilterCommitment(prove(first, 0), coinbaseOf(first))).toEqual(genesis)
})

it('tells nothing without the coinbase in the proof', () => {
  const [coinbase, payment] = tip.transactions as [Transaction, Transaction]
  expect(findProvenFilterCommitment(prove(tip, 1), coinbase)).toBeUndefined()
  expect(findProvenFilterCommitment(prove(tip, 1), payment)).toBeUndefined()
  expect(findProvenFilterCommitment(prove(tip, 0, 1), payment)).toBeUndefined()
  expect(findProvenFilterCommitment(prove(tip), coinbase)).toBeUndefined()
})

it('tells nothing where proof, header and coinbase do not belong together', () => {
  const coinbase = coinbaseOf(tip)
  const other = builder.blocks[1] as Block
  const proof = prove(tip, 0)
  expect(findProvenFilterCommitment({ ...proof, header: other.header }, coinbase)).toBeUndefined()
  const changed = { ...coinbase, lockTime: coinbase.lockTime + 1 }
  expect(findProvenFilterCommitment(proof, changed)).toBeUndefined()
})

it('tells nothing where the coinbase commits to nothing', () => {
  const regtest = ChainBuilder.create(loadNetwork('regtest'))
  const block = regtest.mine()
  expect(findProvenFilterCommitment(prove(block, 0), coinbaseOf(block))).toBeUndefined()
})
