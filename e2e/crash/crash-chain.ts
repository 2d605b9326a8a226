/**
 * The blocks that crashing processes work on: two branches that overtake each other again and again.
 *
 *     0 … 300 - a1 a2 a3          … a9           … a17           … a27
 *            \  b1      … b5           … b12          … b21           … b31
 */
import { ChainManager } from '@chain/core/chain'
import { type ChainSpec, loadNetwork } from '@chain/core/consensus'
import { type Block, blockHash, formatHash, type Transaction, txids } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { DigestingStore } from './coin-digest.ts'

/** The network of the blocks. */
export const spec: ChainSpec = loadNetwork('regtest')

/** Height at which the branches part: enough blocks lie below that some may be pruned. */
export const FORK_HEIGHT = 300
/** Blocks by which each branch grows in turn. */
const GROWTH = [3, 5, 6, 7, 8, 9, 10, 10] as const
/** Height from which on blocks have transactions beside the coinbase. */
const FIRST_SPEND = 240
/** Every so many blocks one has more outputs than a page of the data file holds. */
const LARGE_EVERY = 8
const LARGE_OUTPUTS = 150
const FEE = 1_000n

const payee = testKey('payee').script

/** What is true once a block is the tip. */
export interface CrashBlock {
  readonly hash: string
  readonly height: number
  /** The branch up to it, with the genesis block first. */
  readonly branch: readonly Block[]
  /** Of all coins; see `CoinDigest`. */
  readonly coins: string
}

/** Blocks in an order in which none comes before its parent, and what each of them leads to. */
export interface CrashChain {
  readonly order: readonly Block[]
  /** By hash; blocks of the same height have the same work. */
  readonly blocks: ReadonlyMap<string, CrashBlock>
  /** The two branches, with the genesis block first; the second is longer. */
  readonly branches: readonly (readonly Block[])[]
}

/** Builds the blocks: always the same ones. */
export async function createCrashChain(): Promise<CrashChain> {
  const a = ChainBuilder.create(spec)
  while (a.height < FORK_HEIGHT) mineNext(a, 0)
  const b = a.fork()
  const order = [...a.blocks]
  for (const [turn, count] of GROWTH.entries()) {
    const builder = turn % 2 === 0 ? a : b
    for (let i = 0; i < count; i++) order.push(mineNext(builder, turn % 2))
  }
  const branches = [a, b].map((builder) => [spec.consensus.genesis, ...builder.blocks])
  const blocks = new Map<string, CrashBlock>()
  for (const branch of branches) await describeBlocks(branch, blocks)
  return { order, blocks, branches }
}

/** A block that spends an old coin, and one that an earlier transaction of the same branch made. */
function mineNext(builder: ChainBuilder, extraNonce: number): Block {
  const coins = builder.height < FIRST_SPEND ? [] : builder.spendable()
  const [oldest] = coins
  const newest = coins.at(-1)
  const transactions: Transaction[] = []
  if (oldest !== undefined && builder.height % 2 === 0) {
    const count = builder.height % LARGE_EVERY === 0 ? LARGE_OUTPUTS : 3
    transactions.push(spendInto(builder, oldest, count))
  }
  if (newest !== undefined && newest !== oldest) transactions.push(spendInto(builder, newest, 1))
  return builder.mine({ extraNonce, transactions })
}

/** Pays most of a coin back to the builder, and little to somebody else where there is more than one output. */
function spendInto(builder: ChainBuilder, placed: PlacedCoin, count: number): Transaction {
  const [, { output }] = placed
  const rest = Array.from({ length: count - 1 }, (_, index) => ({
    value: BigInt(1_000 + index),
    scriptPubKey: payee,
  }))
  const spent = rest.reduce((sum, { value }) => sum + value, FEE)
  return builder.spend([placed], [{ value: output.value - spent, scriptPubKey: builder.key.script }, ...rest])
}

async function describeBlocks(branch: readonly Block[], blocks: Map<string, CrashBlock>): Promise<void> {
  const store = new DigestingStore()
  const verifier = { name: 'none', findInvalid: () => Promise.resolve(undefined) }
  const chain = await ChainManager.open(spec, { store, verifier, clock: () => 0xffffffff })
  for (const [height, block] of branch.entries()) {
    if (height > 0) await chain.acceptBlock(block)
    const hash = formatHash(blockHash(block.header))
    if (blocks.has(hash)) continue
    blocks.set(hash, { hash, height, branch: branch.slice(0, height + 1), coins: store.digest.toString() })
  }
}

/** The ids of the transactions of a branch, those of the genesis block apart. */
export function branchTxids(branch: readonly Block[]): Uint8Array[] {
  return branch.slice(1).flatMap(({ transactions }) => txids(transactions))
}
