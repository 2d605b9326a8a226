import { join } from 'node:path'
import { type ChainSpec, computeSpecId, filterCommitmentScript, loadNetwork } from '@chain/core/consensus'
import { chainFilterHeaders, computeFilterHash } from '@chain/core/filters'
import { type Block, blockLength, type Transaction, ZERO_HASH } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { COIN } from '@chain/core/units'
import { Account } from '@chain/core/wallet'
import { beforeEach, describe, expect, it } from 'vitest'
import { LightClient } from '../../src/light-client/light-client.ts'
import { parsePeerAddresses } from '../../src/light-client/peer-addresses.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { type Lies, ServingNode } from './serving-node.ts'

const regtest = loadNetwork('regtest')
const consensus = { ...regtest.consensus, coinbaseMaturity: 5, filterCommitment: true }
const spec: ChainSpec = { ...regtest, name: 'test', id: computeSpecId(consensus), consensus }
const account = Account.fromSeed(new Uint8Array(64).fill(5), 1)
const shop = testKey('shop')
const silent = { headers: (): void => undefined, blocks: (): void => undefined }

let directory: string

beforeEach(() => {
  directory = temporaryDirectory()
})

function ours(index = 0): Uint8Array {
  return account.script({ branch: 'receive', index })
}

/** Opens the wallet, follows the chain, and returns its balance and how high it came. */
async function sync(peers: readonly ServingNode[], changes: { spec?: ChainSpec } = {}) {
  const client = await LightClient.open({
    directory,
    database: join(directory, 'wallet.db'),
    spec: changes.spec ?? spec,
    account,
    birthday: 0,
    peers: parsePeerAddresses(peers.map(({ address }) => address)),
    now: Date.now,
    report: () => undefined,
  })
  try {
    await client.sync(silent)
    const { confirmed, pending, immature } = client.ledger.balance(client.height)
    return { height: client.height, confirmed, pending, immature, history: client.ledger.history() }
  } finally {
    await client.close()
  }
}

/** Pays scripts from the builder's oldest coin and gives the rest back to it. */
function payment(builder: ChainBuilder, ...scripts: readonly Uint8Array[]): Transaction {
  const coins = builder.spendable().slice(0, 1)
  const paid = scripts.map((scriptPubKey) => ({ value: COIN, scriptPubKey }))
  const rest = 50n * COIN - 10_000n - COIN * BigInt(scripts.length)
  return builder.spend(coins, [...paid, { value: rest, scriptPubKey: builder.key.script }])
}

/** 60 blocks, of which the one at height 41 pays the wallet. */
function payingChain(): ChainBuilder {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(40)
  builder.mine({ transactions: [payment(builder, ours())] })
  builder.mineEmpty(19)
  return builder
}

describe('a light client whose peer serves filters', () => {
  it('fetches the blocks that matter, and the last one', async () => {
    const node = await ServingNode.start(spec, payingChain().blocks, { filters: {} })
    expect(await sync([node])).toMatchObject({ height: 60, confirmed: COIN })
    expect(node.filtersServed.filters).toBe(59)
    expect(node.blocksServed).toBe(2)
  })

  it('goes on where it stopped', async () => {
    const builder = payingChain()
    const node = await ServingNode.start(spec, builder.blocks, { filters: {} })
    await sync([node])
    await node.accept([builder.mine({ transactions: [payment(builder, ours(1))] }), ...builder.mineEmpty(3)])
    expect(await sync([node])).toMatchObject({ height: 64, confirmed: 2n * COIN })
    expect(node.filtersServed.filters).toBe(59 + 3)
    expect(node.blocksServed).toBe(4)
  })

  it('looks for addresses from the block on that brings them into view', async () => {
    const builder = payingChain()
    builder.mine({ transactions: [payment(builder, ours(19))] })
    builder.mineEmpty(2)
    builder.mine({ transactions: [payment(builder, ours(38))] })
    builder.mine({ transactions: [payment(builder, ours(57))] })
    builder.mineEmpty(2)
    const node = await ServingNode.start(spec, builder.blocks, { filters: {} })
    expect(await sync([node])).toMatchObject({ confirmed: 4n * COIN })
    expect(node.blocksServed).toBe(5)
  })

  it('takes more than one request for a long chain', async () => {
    const builder = ChainBuilder.create(spec)
    builder.mineEmpty(1_100)
    builder.mine({ transactions: [payment(builder, ours())] })
    builder.mineEmpty(4)
    const node = await ServingNode.start(spec, builder.blocks, { filters: {} })
    expect(await sync([node])).toMatchObject({ height: 1_105, confirmed: COIN })
    // The block that vouches for the first thousand is looked at itself.
    expect(node.filtersServed.filters).toBe(1_103)
    expect(node.blocksServed).toBe(3)
    const all = builder.blocks.reduce((sum, block) => sum + blockLength(block), 0)
    expect(node.blockBytes + node.filtersServed.bytes).toBeLessThan(all / 4)
  })

  it('follows a reorganisation that spends otherwise what paid it', async () => {
    const builder = ChainBuilder.create(spec)
    builder.mineEmpty(20)
    const other = builder.fork()
    builder.mine({ transactions: [payment(builder, ours())] })
    builder.mineEmpty(2)
    const node = await ServingNode.start(spec, builder.blocks, { filters: {} })
    expect(await sync([node])).toMatchObject({ confirmed: COIN })
    other.mineEmpty(2, { extraNonce: 1 })
    await node.accept([...other.blocks.slice(-2), ...other.mineEmpty(2, { extraNonce: 1 })])
    expect(await sync([node])).toMatchObject({ height: 24, confirmed: 0n, pending: COIN })
    const before = node.blocksServed
    const { script } = shop
    const spending = other.mine({ transactions: [payment(other, script)], script })
    await node.accept([spending, ...other.mineEmpty(3, { script })])
    expect(await sync([node])).toMatchObject({ height: 28, pending: 0n, history: [] })
    expect(node.blocksServed).toBe(before + 2)
  })
})

describe('a light client whose peers serve filters badly', () => {
  /** A filter of nothing in place of that of the paying block. */
  const hide = (filter: Uint8Array, height: number): Uint8Array => (height === 41 ? Uint8Array.of(0) : filter)

  it.each([
    ['hides a block from its filter headers', { spoilFilter: hide }],
    ['sends other filters than its headers say', { spoilSent: hide }],
  ])('gives up one that %s', async (_, filters) => {
    const { blocks } = payingChain()
    const liar = await ServingNode.start(spec, blocks, { filters })
    const honest = await ServingNode.start(spec, blocks)
    expect(await sync([liar, honest])).toMatchObject({ confirmed: COIN })
    expect(liar.blocksServed).toBe(0)
  })

  describe('one block of whom commits to false filters', () => {
    /** What serves 60 blocks and the false one on top of them, and then goes the way that a test says. */
    async function startLiar(builder: ChainBuilder, lies: Lies): Promise<ServingNode> {
      const empty = Array.from({ length: 60 }, () => computeFilterHash(Uint8Array.of(0)))
      const lie = filterCommitmentScript(chainFilterHeaders(ZERO_HASH, empty).at(-1) as Uint8Array)
      const spoil = (block: Block): Block => {
        const [coinbase, ...others] = block.transactions as [Transaction, ...Transaction[]]
        const outputs = [...coinbase.outputs, { value: 0n, scriptPubKey: lie }]
        return { ...block, transactions: [{ ...coinbase, outputs }, ...others] }
      }
      // No node takes such a block: this one is told that its network commits to nothing.
      const lenient = { ...spec, consensus: { ...consensus, filterCommitment: false } }
      const blocks = [...builder.blocks, builder.fork().mine({ spoil, extraNonce: 1 })]
      return await ServingNode.start(lenient, blocks, {
        filters: { spoilFilter: () => Uint8Array.of(0) },
        ...lies,
      })
    }

    it('hides nothing any more when the chain has left that block', async () => {
      const builder = payingChain()
      const liar = await startLiar(builder, {})
      expect(await sync([liar])).toMatchObject({ height: 61, confirmed: 0n })
      builder.mineEmpty(2)
      const honest = await ServingNode.start(spec, builder.blocks, { filters: {} })
      expect(await sync([honest])).toMatchObject({ height: 62, confirmed: COIN })
    })

    it('hides nothing by keeping that block to itself', async () => {
      const builder = payingChain()
      const liar = await startLiar(builder, { spoilBlock: () => new Uint8Array(80) })
      await expect(sync([liar])).rejects.toMatchObject({ code: 'peers-failed' })
      builder.mineEmpty(2)
      const honest = await ServingNode.start(spec, builder.blocks, { filters: {} })
      expect(await sync([honest])).toMatchObject({ height: 62, confirmed: COIN })
    })
  })

  it('says that nobody is left where all lie', async () => {
    const liar = await ServingNode.start(spec, payingChain().blocks, { filters: { spoilSent: hide } })
    await expect(sync([liar])).rejects.toMatchObject({ code: 'peers-failed' })
  })

  it('fetches all blocks where filters are not made yet, or the peer stands elsewhere', async () => {
    const builder = payingChain()
    const slow = await ServingNode.start(spec, builder.blocks, { filters: { indexed: 50 } })
    expect(await sync([slow])).toMatchObject({ height: 60, confirmed: COIN })
    expect([slow.blocksServed, slow.filtersServed.filters]).toEqual([60, 0])
  })

  it('fetches all blocks where the network commits to no filters', async () => {
    const builder = ChainBuilder.create(regtest)
    builder.mineEmpty(10)
    const node = await ServingNode.start(regtest, builder.blocks, { filters: {} })
    expect(await sync([node], { spec: regtest })).toMatchObject({ height: 10 })
    expect([node.blocksServed, node.filtersServed.filters]).toEqual([10, 0])
  })
})
