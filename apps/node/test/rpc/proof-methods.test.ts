import { fromHex, toHex } from '@chain/core/bytes'
import {
  createMerkleProof,
  decodeMerkleBlock,
  encodeMerkleBlock,
  formatHash,
  type Transaction,
  type Txid,
  txid,
  txids,
} from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { COIN } from '@chain/core/units'
import { beforeAll, describe, expect, it } from 'vitest'
import { directoryWith } from '../directory-with.ts'
import { patience } from '../patience.ts'
import { startTestNode, type TestNode } from '../start-test-node.ts'

const HEIGHT = 110
const PAYMENT_HEIGHT = 105
let builder: ChainBuilder
/** Stand in the block at {@link PAYMENT_HEIGHT}; the second spends all outputs of the first. */
let first: Transaction
let second: Transaction
let ids: readonly Txid[]

beforeAll(() => {
  builder = ChainBuilder.create()
  builder.mineEmpty(PAYMENT_HEIGHT - 1)
  const { key } = builder
  const [value, fee] = [50n * COIN, 10_000n]
  first = builder.spend(builder.spendable().slice(0, 1), [{ value: value - fee, scriptPubKey: key.script }])
  const [output] = first.outputs as [Transaction['outputs'][0]]
  const made = [
    { txid: txid(first), index: 0 },
    { output, height: PAYMENT_HEIGHT, isCoinbase: false },
  ] as const
  second = builder.spend([made], [{ value: value - 2n * fee, scriptPubKey: testKey('payee').script }])
  const { transactions } = builder.mine({ transactions: [first, second] })
  ids = txids(transactions)
  builder.mineEmpty(HEIGHT - PAYMENT_HEIGHT)
})

async function start(txindex = false): Promise<TestNode> {
  return startTestNode({ datadir: await directoryWith(builder.blocks), txindex })
}

function refusal(rpcCode: number, message: RegExp): unknown {
  return expect.objectContaining({ rpcCode, message: expect.stringMatching(message) })
}

function textOf(...positions: number[]): string[] {
  return positions.map((position) => formatHash(ids[position] as Txid))
}

describe('gettxoutproof and verifytxoutproof', () => {
  it('let others have their turn while they look for transactions that nobody has', async () => {
    const { rpc } = await start()
    let isDone = false
    const unknown = Array.from({ length: 10 }, (_, index) => index.toString(16).padStart(64, '0'))
    const search = rpc.call('gettxoutproof', [unknown]).catch((error: unknown) => {
      isDone = true
      return error
    })
    let calls = 0
    while (!isDone) {
      await rpc.call('getblockcount')
      calls += 1
    }
    expect(await search).toEqual(refusal(-5, /not yet in block/))
    // One may come before the search, one after it.
    expect(calls).toBeGreaterThan(3)
  })

  it('prove transactions of a block that is named', async () => {
    const { rpc } = await start()
    const block = formatHash(builder.tip.ancestor(PAYMENT_HEIGHT).hash)
    for (const positions of [[0], [1], [2, 0], [0, 1, 2]]) {
      const proof = await rpc.call('gettxoutproof', [textOf(...positions), block])
      expect(await rpc.call('verifytxoutproof', [proof])).toEqual(textOf(...positions.sort((a, b) => a - b)))
    }
  })

  it('find the block where an output is unspent, or with an index of transactions', async () => {
    const plain = await start()
    const proof = await plain.rpc.call('gettxoutproof', [textOf(2, 1)])
    expect(await plain.rpc.call('verifytxoutproof', [proof])).toEqual(textOf(1, 2))
    const spent = plain.rpc.call('gettxoutproof', [textOf(1)])
    await expect(spent).rejects.toEqual(refusal(-5, /^Transaction not yet in block/))
    const indexed = await start(true)
    await expect.poll(() => indexed.node.status().indexes.every(({ synced }) => synced), patience).toBe(true)
    expect(await indexed.rpc.call('gettxoutproof', [textOf(1, 2)])).toBe(proof)
  })

  it('refuse what is not there', async () => {
    const { rpc } = await start()
    const [id] = textOf(1) as [string]
    const unknown = 'ab'.repeat(32)
    await expect(rpc.call('gettxoutproof', [[id], unknown])).rejects.toEqual(refusal(-5, /^Block not found/))
    await expect(rpc.call('gettxoutproof', [[unknown]])).rejects.toEqual(refusal(-5, /not yet in block/))
    const elsewhere = formatHash(builder.tip.hash)
    await expect(rpc.call('gettxoutproof', [[id], elsewhere])).rejects.toEqual(refusal(-5, /^Not all trans/))
    await expect(rpc.call('gettxoutproof', [[id, id]])).rejects.toEqual(refusal(-8, /duplicated txid/))
    await expect(rpc.call('gettxoutproof', [[]])).rejects.toBeDefined()
    await expect(rpc.call('verifytxoutproof', ['00'])).rejects.toEqual(refusal(-22, /^Proof decode failed/))
    await expect(rpc.call('verifytxoutproof', ['xy'])).rejects.toEqual(refusal(-22, /^Proof decode failed/))
  })

  it('take no proof of another chain, nor one that lies about the size of the block', async () => {
    const { rpc } = await start()
    const other = builder.fork()
    const { header, transactions } = other.mine({ extraNonce: 9 })
    const coinbase = txids(transactions)
    const side = encodeMerkleBlock({ header, proof: createMerkleProof(coinbase, coinbase) })
    await expect(rpc.call('verifytxoutproof', [toHex(side)])).rejects.toEqual(refusal(-5, /^Block not found/))
    const good = decodeMerkleBlock(fromHex((await rpc.call('gettxoutproof', [textOf(2)])) as string))
    const lie = { ...good, proof: { ...good.proof, transactionCount: 4 } }
    expect(await rpc.call('verifytxoutproof', [toHex(encodeMerkleBlock(lie))])).toEqual([])
    const changed = { ...good, proof: { ...good.proof, hashes: good.proof.hashes.toReversed() } }
    expect(await rpc.call('verifytxoutproof', [toHex(encodeMerkleBlock(changed))])).toEqual([])
  })
})
