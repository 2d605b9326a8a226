import { toHex } from '@chain/core/bytes'
import { hash256 } from '@chain/core/crypto'
import { computeBasicFilter, computeFilterHeader } from '@chain/core/filters'
import {
  type Block,
  encodeBlock,
  encodeTransaction,
  formatHash,
  type Transaction,
  txid,
  ZERO_HASH,
} from '@chain/core/primitives'
import { formatAddress } from '@chain/core/script'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { COIN } from '@chain/core/units'
import { openStore } from '@chain/storage'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { directoryWith } from '../directory-with.ts'
import { INFO_LEVEL, recordLog } from '../log-lines.ts'
import { patience } from '../patience.ts'
import { startTestNode, type TestNode } from '../start-test-node.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const HEIGHT = 320
const PAYMENT_HEIGHT = 310
const recipient = testKey('recipient')
const address = formatAddress(recipient.script, 'bcrt') as string
const genesisId = '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b'
let builder: ChainBuilder
/** Stands in the block at {@link PAYMENT_HEIGHT}, and its fee is 10,000. */
let payment: Transaction
let paymentId: string

beforeAll(() => {
  builder = ChainBuilder.create()
  builder.mineEmpty(PAYMENT_HEIGHT - 1)
  payment = builder.spend(builder.spendable().slice(0, 1), [
    { value: 50n * COIN - 10_000n, scriptPubKey: recipient.script },
  ])
  paymentId = formatHash(txid(payment))
  builder.mine({ transactions: [payment] })
  builder.mineEmpty(HEIGHT - PAYMENT_HEIGHT)
})

function blockAt(height: number): Block {
  return builder.blocks[height - 1] as Block
}

function hashAt(height: number): string {
  return formatHash(builder.tip.ancestor(height).hash)
}

function refusal(rpcCode: number, message?: RegExp): unknown {
  return expect.objectContaining(
    message === undefined ? { rpcCode } : { rpcCode, message: expect.stringMatching(message) },
  )
}

async function isSynced({ node }: TestNode): Promise<void> {
  await expect.poll(() => node.status().indexes.every(({ synced }) => synced), patience).toBe(true)
}

describe('a node without indexes that keeps all blocks', () => {
  let test: TestNode
  beforeEach(async () => {
    test = await startTestNode({ datadir: await directoryWith(builder.blocks) })
  })

  it('finds a transaction in a block that is named, and says how to find it anywhere', async () => {
    const { rpc } = test
    const hash = hashAt(PAYMENT_HEIGHT)
    expect(await rpc.call('getrawtransaction', [paymentId, 0, hash])).toBe(toHex(encodeTransaction(payment)))
    expect(await rpc.call('getrawtransaction', [paymentId, true, hash])).toMatchObject({
      in_active_chain: true,
      txid: paymentId,
      blockhash: hash,
      confirmations: HEIGHT - PAYMENT_HEIGHT + 1,
      blocktime: blockAt(PAYMENT_HEIGHT).header.time,
      hex: toHex(encodeTransaction(payment)),
    })
    const get = (...parameters: unknown[]): Promise<unknown> => rpc.call('getrawtransaction', parameters)
    await expect(get(paymentId)).rejects.toThrow(
      refusal(-5, /^No such mempool transaction\. Use --txindex or/),
    )
    await expect(get(paymentId, 1, hashAt(5))).rejects.toThrow(refusal(-5, /in the provided block/))
    await expect(get(paymentId, 1, '00'.repeat(32))).rejects.toThrow(refusal(-5, /^Block hash not found/))
    await expect(get(genesisId)).rejects.toThrow(refusal(-5, /genesis block coinbase/))
    await expect(get('xyz')).rejects.toThrow(refusal(-8))
  })

  it('shows what transactions of a block pay and spend', async () => {
    const { rpc } = test
    const hash = hashAt(PAYMENT_HEIGHT)
    const prevout = { generated: true, height: 1, value: 50, scriptPubKey: { type: 'witness_v0_keyhash' } }
    const plain = (await rpc.call('getblock', [hash, 2])) as { tx: Record<string, unknown>[] }
    expect(plain.tx).toMatchObject([{ vin: [{ coinbase: expect.any(String) }] }, { fee: 0.0001 }])
    expect(plain.tx[0]).not.toHaveProperty('fee')
    expect(JSON.stringify(plain)).not.toContain('prevout')
    expect(await rpc.call('getblock', [hash, 3])).toMatchObject({
      tx: [{}, { fee: 0.0001, vin: [{ prevout }] }],
    })
    expect(await rpc.call('getrawtransaction', [paymentId, 2, hash])).toMatchObject({
      fee: 0.0001,
      vin: [{ prevout }],
    })
  })

  it('decodes transactions', async () => {
    const { rpc } = test
    const decoded = await rpc.call('decoderawtransaction', [toHex(encodeTransaction(payment))])
    expect(decoded).toMatchObject({ txid: paymentId, vout: [{ value: 49.9999 }] })
    expect(decoded).not.toHaveProperty('hex')
    await expect(rpc.call('decoderawtransaction', ['00'])).rejects.toThrow(refusal(-22, /^TX decode failed/))
  })

  it('says what has to be switched on', async () => {
    const { rpc, node } = test
    expect(await rpc.call('getindexinfo')).toEqual({})
    await expect(rpc.call('getblockfilter', [hashAt(1)])).rejects.toThrow(
      refusal(-1, /not enabled for filtertype basic/),
    )
    await expect(rpc.call('getblockfilter', [hashAt(1), 'fancy'])).rejects.toThrow(
      refusal(-5, /Unknown filtertype/),
    )
    await expect(rpc.call('pruneblockchain', [5])).rejects.toThrow(refusal(-1, /not in prune mode/))
    const info = (await rpc.call('getblockchaininfo')) as Record<string, unknown>
    expect(info).toMatchObject({ pruned: false, size_on_disk: node.status().blocks.bytes })
    expect(Object.keys(info)).not.toContain('pruneheight')
    expect(node.status()).toMatchObject({ blocks: { lowest: 1 }, indexes: [], coinCache: 67_108_864 })
  })

  it('adds all coins up', async () => {
    const { rpc } = test
    const info = (await rpc.call('gettxoutsetinfo')) as Record<string, unknown>
    expect(info).toMatchObject({
      height: HEIGHT,
      bestblock: hashAt(HEIGHT),
      txouts: HEIGHT,
      transactions: HEIGHT,
      bogosize: HEIGHT * (50 + 22),
      hash_serialized_3: expect.stringMatching(/^[0-9a-f]{64}$/),
      total_amount: 149 * 50 + 150 * 25 + 21 * 12.5,
    })
    expect(info.disk_size).toBeGreaterThan(0)
    const { hash_serialized_3: _, ...others } = info
    expect(await rpc.call('gettxoutsetinfo', ['none'])).toEqual(others)
    await expect(rpc.call('gettxoutsetinfo', ['muhash'])).rejects.toThrow(
      refusal(-8, /not a valid hash_type/),
    )
  })

  it('tells the statistics of a block', async () => {
    const { rpc } = test
    expect(await rpc.call('getblockstats', [PAYMENT_HEIGHT])).toMatchObject({
      blockhash: hashAt(PAYMENT_HEIGHT),
      height: PAYMENT_HEIGHT,
      txs: 2,
      ins: 1,
      outs: 3,
      subsidy: 1_250_000_000,
      totalfee: 10_000,
      minfee: 10_000,
      medianfee: 10_000,
      total_out: 4_999_990_000,
      utxo_increase: 2,
      utxo_increase_actual: 1,
    })
    expect(await rpc.call('getblockstats', [hashAt(1), ['txs', 'avgfee', 'feerate_percentiles']])).toEqual({
      txs: 1,
      avgfee: 0,
      feerate_percentiles: [0, 0, 0, 0, 0],
    })
    await expect(rpc.call('getblockstats', [HEIGHT + 1])).rejects.toThrow(refusal(-8, /after current tip/))
    await expect(rpc.call('getblockstats', [-1])).rejects.toThrow(refusal(-8, /negative/))
    await expect(rpc.call('getblockstats', [1, ['size']])).rejects.toThrow(refusal(-8, /statistic 'size'/))
    await expect(rpc.call('getblockstats', ['00'.repeat(32)])).rejects.toThrow(refusal(-5))
  })

  it('verifies its chain', async () => {
    const { rpc } = test
    expect(await rpc.call('verifychain')).toBe(true)
    expect(await rpc.call('verifychain', [4, 0])).toBe(true)
    expect(await rpc.call('verifychain', [9, 100_000])).toBe(true)
    await expect(rpc.call('verifychain', ['4'])).rejects.toThrow(refusal(-3))
    const interrupted = new AbortController()
    const first = rpc.call('verifychain', [4, 0], interrupted.signal)
    interrupted.abort()
    await expect(first).rejects.toMatchObject({ code: 'node-silent' })
    expect(await rpc.call('verifychain', [4, 0])).toBe(true)
  })

  it('takes the word of the operator about blocks', async () => {
    const { rpc } = test
    await rpc.call('invalidateblock', [hashAt(HEIGHT - 2)])
    expect(await rpc.call('getchaintips')).toEqual([
      { height: HEIGHT, hash: hashAt(HEIGHT), branchlen: 3, status: 'invalid' },
      { height: HEIGHT - 3, hash: hashAt(HEIGHT - 3), branchlen: 0, status: 'active' },
    ])
    const other = (await rpc.call('generatetoaddress', [3, address])) as string[]
    await rpc.call('reconsiderblock', [hashAt(HEIGHT - 2)])
    expect(await rpc.call('getbestblockhash')).toBe(other[2])
    await rpc.call('preciousblock', [hashAt(HEIGHT)])
    expect(await rpc.call('getbestblockhash')).toBe(hashAt(HEIGHT))
    expect(await rpc.call('getchaintips')).toMatchObject([
      { hash: hashAt(HEIGHT), status: 'active' },
      { hash: other[2], branchlen: 3, status: 'valid-fork' },
    ])
    const genesis = await rpc.call('getblockhash', [0])
    await expect(rpc.call('invalidateblock', [genesis])).rejects.toThrow(refusal(-8, /genesis block/))
    for (const method of ['invalidateblock', 'reconsiderblock', 'preciousblock']) {
      await expect(rpc.call(method, ['00'.repeat(32)])).rejects.toThrow(refusal(-5, /^Block not found/))
    }
  })
})

describe('a node with indexes', () => {
  it('finds every transaction, and those that wait', async () => {
    const test = await startTestNode({ datadir: await directoryWith(builder.blocks), txindex: true })
    const { rpc } = test
    await isSynced(test)
    expect(await rpc.call('getindexinfo')).toEqual({ txindex: { synced: true, best_block_height: HEIGHT } })
    expect(await rpc.call('getindexinfo', ['other'])).toEqual({})
    expect(await rpc.call('getrawtransaction', [paymentId])).toBe(toHex(encodeTransaction(payment)))
    const found = (await rpc.call('getrawtransaction', [paymentId, 2])) as Record<string, unknown>
    expect(found).toMatchObject({ blockhash: hashAt(PAYMENT_HEIGHT), fee: 0.0001 })
    expect(found).not.toHaveProperty('in_active_chain')
    await expect(rpc.call('getrawtransaction', ['ab'.repeat(32)])).rejects.toThrow(
      refusal(-5, /^No such mempool or blockchain transaction\./),
    )

    const coins = builder.spendable().slice(0, 1)
    const waiting = builder.spend(coins, [{ value: COIN, scriptPubKey: recipient.script }])
    await rpc.call('sendrawtransaction', [toHex(encodeTransaction(waiting)), 0])
    const id = formatHash(txid(waiting))
    const shown = (await rpc.call('getrawtransaction', [id, 2])) as Record<string, unknown>
    expect(shown).toMatchObject({ txid: id, vout: [{ value: 1 }] })
    for (const field of ['blockhash', 'confirmations', 'fee']) expect(shown).not.toHaveProperty(field)
    await rpc.call('generatetoaddress', [1, address])
    await isSynced(test)
    expect(await rpc.call('getrawtransaction', [id, 1])).toMatchObject({ confirmations: 1 })
  })

  it('gives the filters of blocks, also over a restart with other options', async () => {
    const datadir = await directoryWith(builder.blocks)
    const first = await startTestNode({ datadir, filterindex: true })
    await isSynced(first)
    const genesisFilter = computeBasicFilter(builder.spec.consensus.genesis, [])
    const genesisHeader = computeFilterHeader(genesisFilter, ZERO_HASH)
    const filter = computeBasicFilter(blockAt(1), [])
    const expected = { filter: toHex(filter), header: formatHash(computeFilterHeader(filter, genesisHeader)) }
    expect(await first.rpc.call('getblockfilter', [hashAt(1)])).toEqual(expected)
    await expect(first.rpc.call('getblockfilter', ['00'.repeat(32)])).rejects.toThrow(
      refusal(-5, /^Block not found/),
    )
    await first.rpc.call('invalidateblock', [hashAt(HEIGHT)])
    await isSynced(first)
    await expect(first.rpc.call('getblockfilter', [hashAt(HEIGHT)])).rejects.toThrow(
      refusal(-5, /Block was not connected to active chain/),
    )
    await first.node.stop()
    const second = await startTestNode({ datadir, txindex: true })
    await isSynced(second)
    expect(Object.keys((await second.rpc.call('getindexinfo')) as object)).toEqual(['txindex'])
    await second.node.stop()
    const third = await startTestNode({ datadir, prune: 1, filterindex: true })
    expect(await third.rpc.call('pruneblockchain', [5])).toBe(5)
    expect(await third.rpc.call('getblockfilter', [hashAt(1)])).toEqual(expected)
  })
})

describe('a node that prunes', () => {
  it('prunes by hand up to a height or a time, and says what is gone', async () => {
    const { log, lines } = recordLog()
    const datadir = await directoryWith(builder.blocks)
    const { rpc, node } = await startTestNode({ datadir, prune: 1 }, log)
    const before = node.status().blocks.bytes
    const info = { pruned: true, automatic_pruning: false }
    expect(await rpc.call('getblockchaininfo')).toMatchObject({ ...info, pruneheight: 0 })
    expect(await rpc.call('pruneblockchain', [7])).toBe(7)
    const time = blockAt(11).header.time + 7_200
    await expect(rpc.call('pruneblockchain', [-1])).rejects.toThrow(refusal(-8, /Negative/))
    await expect(rpc.call('pruneblockchain', [HEIGHT + 1])).rejects.toThrow(refusal(-8, /shorter than/))
    await expect(rpc.call('pruneblockchain', [1_999_999_999])).rejects.toThrow(refusal(-8, /timestamp/))
    expect(await rpc.call('pruneblockchain', [time])).toBe(11)
    expect(await rpc.call('pruneblockchain', [HEIGHT])).toBe(HEIGHT - 288)
    expect(await rpc.call('getblockchaininfo')).toMatchObject({ ...info, pruneheight: HEIGHT - 287 })
    expect(node.status().blocks).toMatchObject({ lowest: HEIGHT - 287, prune: {} })
    expect(node.status().blocks.bytes).toBeLessThan(before)

    for (const verbosity of [0, 1, 3]) {
      await expect(rpc.call('getblock', [hashAt(9), verbosity])).rejects.toThrow(
        refusal(-1, /^Block not available \(pruned data\)$/),
      )
    }
    await expect(rpc.call('getblockstats', [9])).rejects.toThrow(refusal(-1, /pruned data/))
    await expect(rpc.call('getrawtransaction', [paymentId, 0, hashAt(9)])).rejects.toThrow(
      refusal(-1, /pruned data/),
    )
    expect(await rpc.call('getblockheader', [hashAt(9)])).toMatchObject({ height: 9, nTx: 1 })
    expect(await rpc.call('verifychain', [4, 288])).toBe(true)
    expect(await rpc.call('verifychain', [0, 0])).toBe(false)
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'Verification stopped at blocks that were pruned' }),
    )
  })

  it('keeps within its target by itself, and goes on without it when it is left out', async () => {
    const datadir = await directoryWith(builder.blocks)
    const first = await startTestNode({ datadir, prune: 2 })
    expect(await first.rpc.call('getblockchaininfo')).toMatchObject({
      pruned: true,
      pruneheight: 0,
      automatic_pruning: true,
      prune_target_size: 2 * 2 ** 20,
    })
    await first.rpc.call('pruneblockchain', [3])
    await first.node.stop()
    const second = await startTestNode({ datadir })
    expect(await second.rpc.call('getblockchaininfo')).toMatchObject({
      pruned: true,
      pruneheight: 4,
      automatic_pruning: false,
    })
    await expect(
      startTestNode({ datadir: await directoryWith(builder.blocks, 3), txindex: true }),
    ).rejects.toThrow(expect.objectContaining({ code: 'index-needs-pruned-blocks' }))
  })

  it('says so when its chain is too short', async () => {
    const { rpc } = await startTestNode({ prune: 1 })
    await expect(rpc.call('pruneblockchain', [0])).rejects.toThrow(refusal(-1, /too short/))
  })
})

it('a peer that asks for blocks that were pruned is told that they are not here, and finds them elsewhere', async () => {
  const { log, lines } = recordLog()
  const pruned = await startTestNode({ datadir: await directoryWith(builder.blocks, 20) }, log)
  const full = await startTestNode({ datadir: await directoryWith(builder.blocks) })
  const addressOf = ({ node }: TestNode): string => node.status().addresses[0] as string
  const young = await startTestNode({ connect: [addressOf(pruned)] })
  await expect.poll(() => young.node.status(), patience).toMatchObject({ state: 'syncing', headers: HEIGHT })
  await young.rpc.call('addnode', [addressOf(full), 'onetry'])
  await expect.poll(() => young.node.status(), patience).toMatchObject({ state: 'synced', height: HEIGHT })
  expect(await young.rpc.call('getpeerinfo')).toMatchObject([{ score: 0 }, { score: 0 }])
  expect(lines.filter(({ level }) => level > INFO_LEVEL)).toEqual([])
})

it('the hash of all coins is that of their encodings in order', async () => {
  const datadir = await directoryWith(builder.blocks)
  const store = await openStore({ directory: datadir, specId: builder.spec.id })
  const encoded = [...store.chainStore.readCoins()].map(([{ txid: id, index }, coin]) => {
    const bytes = Buffer.alloc(32 + 4 + 4 + 8 + 1 + 22)
    bytes.set(id)
    bytes.writeUInt32LE(index, 32)
    bytes.writeUInt32LE(coin.height * 2 + Number(coin.isCoinbase), 36)
    bytes.writeBigInt64LE(coin.output.value, 40)
    bytes.writeUInt8(22, 48)
    bytes.set(coin.output.scriptPubKey, 49)
    return bytes
  })
  await store.close()
  const { rpc } = await startTestNode({ datadir })
  expect(await rpc.call('gettxoutsetinfo')).toMatchObject({
    hash_serialized_3: formatHash(hash256(Buffer.concat(encoded))),
  })
})

it('blocks that were only announced are not pruned ones', async () => {
  const { rpc, node } = await startTestNode({ datadir: temporaryDirectory() })
  expect(node.status().height).toBe(0)
  await rpc.call('submitblock', [toHex(encodeBlock(blockAt(2)))])
  await expect(rpc.call('getblock', [hashAt(2)])).rejects.toThrow(refusal(-5))
})
