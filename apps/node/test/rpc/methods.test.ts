import { toHex } from '@chain/core/bytes'
import { encodeBlock, encodeTransaction, formatHash, txid } from '@chain/core/primitives'
import { formatAddress } from '@chain/core/script'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { COIN } from '@chain/core/units'
import { describe, expect, it } from 'vitest'
import { rpcMethods } from '../../src/rpc/registry.ts'
import { patience } from '../patience.ts'
import { startTestNode, type TestNode } from '../start-test-node.ts'

const genesis = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206'
const recipient = testKey('recipient')
const address = formatAddress(recipient.script, 'bcrt') as string

/** A node that was handed the blocks of a builder. */
async function startWithBlocks(count: number): Promise<TestNode & { builder: ChainBuilder }> {
  const test = await startTestNode()
  const builder = ChainBuilder.create()
  for (const block of builder.mineEmpty(count))
    await test.rpc.call('submitblock', [toHex(encodeBlock(block))])
  return { ...test, builder }
}

function refusal(rpcCode: number, code?: string): unknown {
  return expect.objectContaining(code === undefined ? { rpcCode } : { rpcCode, code })
}

describe('methods about the chain', () => {
  it('tell where it stands', async () => {
    const { rpc, builder } = await startWithBlocks(3)
    const hash = formatHash(builder.tip.hash)
    expect(await rpc.call('getblockcount')).toBe(3)
    expect(await rpc.call('getbestblockhash')).toBe(hash)
    expect(await rpc.call('getblockhash', [0])).toBe(genesis)
    expect(await rpc.call('getblockchaininfo')).toMatchObject({
      chain: 'regtest',
      blocks: 3,
      headers: 3,
      bestblockhash: hash,
      bits: '207fffff',
      difficulty: 4.6565423739069247e-10,
      chainwork: '8'.padStart(64, '0'),
      pruned: false,
    })
    await expect(rpc.call('getblockhash', [4])).rejects.toThrow(refusal(-8))
    await expect(rpc.call('getblockhash', [-1])).rejects.toThrow(refusal(-8))
    await expect(rpc.call('getblockhash', ['x'])).rejects.toThrow(refusal(-3))
  })

  it('show blocks and headers, as bytes and as JSON', async () => {
    const { rpc, builder } = await startWithBlocks(2)
    const block = builder.blocks[0] as (typeof builder.blocks)[0]
    const hash = await rpc.call('getblockhash', [1])
    const coinbase = block.transactions[0] as (typeof block.transactions)[0]
    const id = formatHash(txid(coinbase))
    expect(await rpc.call('getblock', [hash, 0])).toBe(toHex(encodeBlock(block)))
    expect(await rpc.call('getblock', [hash])).toMatchObject({
      hash,
      height: 1,
      confirmations: 2,
      tx: [id],
      nTx: 1,
    })
    expect(await rpc.call('getblock', [hash, 2])).toMatchObject({
      previousblockhash: genesis,
      nextblockhash: formatHash(builder.tip.hash),
      tx: [
        {
          txid: id,
          hex: toHex(encodeTransaction(coinbase)),
          vin: [{ sequence: 0xffff_ffff }],
          vout: [
            {
              value: 50,
              n: 0,
              scriptPubKey: {
                type: 'witness_v0_keyhash',
                address: formatAddress(builder.key.script, 'bcrt'),
                asm: `0 ${toHex(builder.key.script.subarray(2))}`,
              },
            },
            { value: 0, scriptPubKey: { type: 'nulldata' } },
          ],
        },
      ],
    })
    expect(await rpc.call('getblockheader', [hash])).toMatchObject({
      hash,
      height: 1,
      versionHex: '20000000',
    })
    expect(await rpc.call('getblockheader', [hash, false])).toHaveLength(160)
    await expect(rpc.call('getblock', ['00'.repeat(32)])).rejects.toThrow(refusal(-5, 'not-found'))
    await expect(rpc.call('getblock', ['xyz'])).rejects.toThrow(refusal(-8, 'hash-malformed'))
  })

  it('show the genesis block of regtest as Bitcoin Core does', async () => {
    const { rpc } = await startTestNode()
    expect(await rpc.call('getblock', [genesis, 2])).toMatchObject({
      confirmations: 1,
      merkleroot: '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b',
      time: 1296688602,
      nonce: 2,
      tx: [
        {
          vout: [
            {
              value: 50,
              scriptPubKey: { asm: expect.stringMatching(/^04678a.* OP_CHECKSIG$/), type: 'nonstandard' },
            },
          ],
        },
      ],
    })
  })

  it('take in blocks and say why not', async () => {
    const { rpc, builder } = await startWithBlocks(1)
    const orphaned = builder.fork()
    orphaned.mine()
    const [, , last] = [...builder.blocks, ...orphaned.mineEmpty(1), orphaned.mine()]
    const hex = (block: Parameters<typeof encodeBlock>[0]): string => toHex(encodeBlock(block))
    expect(await rpc.call('submitblock', [hex(builder.blocks[0] as never)])).toBe('duplicate')
    expect(await rpc.call('submitblock', [hex(last as never)])).toBe('prev-blk-not-found')
    const greedy = builder.mine({
      spoil: (block) => {
        const [coinbase] = block.transactions as [(typeof block.transactions)[0]]
        const outputs = coinbase.outputs.map((output) => ({ ...output, value: output.value * 2n }))
        return { ...block, transactions: [{ ...coinbase, outputs }] }
      },
    })
    expect(await rpc.call('submitblock', [hex(greedy)])).toBe('bad-cb-amount')
    await expect(rpc.call('submitblock', ['00'])).rejects.toThrow(refusal(-22))
  })
})

describe('methods about transactions', () => {
  it('take in a transaction, show it waiting, and its coins before and after it is mined', async () => {
    const { rpc, builder } = await startWithBlocks(101)
    const coins = builder.spendable().slice(0, 1)
    const [coin] = coins
    const transaction = builder.spend(coins, [
      { value: 50n * COIN - 10_000n, scriptPubKey: recipient.script },
    ])
    const id = formatHash(txid(transaction))
    const hex = toHex(encodeTransaction(transaction))
    const spent = [formatHash(coin?.[0].txid as Uint8Array), coin?.[0].index]
    expect(await rpc.call('gettxout', spent)).toMatchObject({ value: 50, coinbase: true, confirmations: 101 })

    expect(await rpc.call('sendrawtransaction', [hex])).toBe(id)
    expect(await rpc.call('sendrawtransaction', [hex])).toBe(id)
    expect(await rpc.call('getrawmempool')).toEqual([id])
    expect(await rpc.call('getrawmempool', [true])).toMatchObject({
      [id]: { fees: { base: 0.0001 }, depends: [], unbroadcast: true },
    })
    expect(await rpc.call('getmempoolinfo')).toMatchObject({
      size: 1,
      total_fee: 0.0001,
      unbroadcastcount: 1,
    })
    expect(await rpc.call('gettxout', spent)).toBeNull()
    expect(await rpc.call('gettxout', [...spent, false])).toMatchObject({ value: 50 })
    expect(await rpc.call('gettxout', [id, 0])).toMatchObject({ value: 49.9999, confirmations: 0 })

    await rpc.call('generatetoaddress', [1, address])
    expect(await rpc.call('getrawmempool')).toEqual([])
    expect(await rpc.call('gettxout', [id, 0])).toMatchObject({ confirmations: 1, coinbase: false })
    await expect(rpc.call('sendrawtransaction', [hex])).rejects.toThrow(refusal(-27))
  })

  it('say why a transaction is refused', async () => {
    const { rpc, builder } = await startWithBlocks(101)
    const coins = builder.spendable().slice(0, 1)
    const pay = (value: bigint): string =>
      toHex(encodeTransaction(builder.spend(coins, [{ value, scriptPubKey: recipient.script }])))
    const send = (hex: string, ...more: unknown[]): Promise<unknown> =>
      rpc.call('sendrawtransaction', [hex, ...more])
    await expect(send('zz')).rejects.toThrow(refusal(-22))
    await expect(send('00'.repeat(60))).rejects.toThrow(refusal(-22))
    await expect(send(pay(50n * COIN))).rejects.toThrow(refusal(-26, 'policy-fee-too-low'))
    await expect(send(pay(51n * COIN))).rejects.toThrow(refusal(-26, 'transaction-pays-too-much'))
    await expect(send(pay(100n))).rejects.toThrow(refusal(-25, 'fee-above-limit'))
    await expect(send(pay(100n), 0)).rejects.toThrow(refusal(-26, 'policy-dust'))
    const elsewhere = ChainBuilder.create(builder.spec, testKey('elsewhere'))
    elsewhere.mineEmpty(101)
    const foreign = elsewhere.spend(elsewhere.spendable(), [{ value: COIN, scriptPubKey: recipient.script }])
    await expect(send(toHex(encodeTransaction(foreign)))).rejects.toThrow(
      refusal(-25, 'transaction-inputs-missing'),
    )
    expect(await rpc.call('getrawmempool')).toEqual([])
  })
})

describe('methods about mining', () => {
  it('mine blocks to an address', async () => {
    const { rpc, node } = await startTestNode()
    const hashes = (await rpc.call('generatetoaddress', [3, address])) as string[]
    expect(hashes).toHaveLength(3)
    expect(node.status()).toMatchObject({ height: 3, bestHash: hashes[2] })
    expect(await rpc.call('getmininginfo')).toMatchObject({
      blocks: 3,
      chain: 'regtest',
      next: { height: 4, bits: '207fffff' },
    })
    await expect(rpc.call('generatetoaddress', [1, 'nonsense'])).rejects.toThrow(
      refusal(-5, 'address-malformed'),
    )
    await expect(rpc.call('generatetoaddress', [-1, address])).rejects.toThrow(refusal(-8))
    await expect(rpc.call('generatetoaddress', [1.5, address])).rejects.toThrow()
  })

  it('begin and end mining on and on', async () => {
    const { rpc, node } = await startTestNode()
    expect(await rpc.call('setmining', [address])).toMatchObject({ active: true, address })
    await expect.poll(() => node.status().height, patience).toBeGreaterThanOrEqual(1)
    expect(await rpc.call('setmining', [false])).toMatchObject({ active: false })
    await expect(rpc.call('setmining', [true])).rejects.toThrow(refusal(-3))
  })
})

describe('methods about peers', () => {
  it('connect two nodes, show each to the other, and part them', async () => {
    const [a, b] = await Promise.all([startTestNode(), startTestNode()])
    expect(await a.rpc.call('getconnectioncount')).toBe(0)
    const there = b.node.status().addresses[0] as string
    await a.rpc.call('addnode', [there, 'onetry'])
    expect(await a.rpc.call('getconnectioncount')).toBe(1)
    expect(await a.rpc.call('getpeerinfo')).toMatchObject([
      { peerId: b.node.peerId, address: there, direction: 'outbound', height: 0, score: 0, inbound: false },
    ])
    expect(await b.rpc.call('getpeerinfo')).toMatchObject([{ peerId: a.node.peerId, direction: 'inbound' }])
    expect(await a.rpc.call('getnetworkinfo')).toMatchObject({
      connections: 1,
      connections_out: 1,
      localservices: '0000000000000001',
      localservicesnames: ['NETWORK'],
      connections_in: 0,
    })
    await expect(a.rpc.call('disconnectnode', [])).rejects.toThrow(refusal(-32_602))
    await expect(a.rpc.call('disconnectnode', [there, b.node.peerId])).rejects.toThrow(refusal(-32_602))
    await a.rpc.call('disconnectnode', [there.slice(0, there.indexOf('/p2p/'))])
    await expect.poll(() => b.node.status().peers, patience).toBe(0)
    await expect(a.rpc.call('disconnectnode', [there])).rejects.toThrow(refusal(-29, 'peer-not-connected'))
  })

  it('tell the height that a peer has announced, where it began, and what went over the wire', async () => {
    const [a, b] = await Promise.all([startTestNode(), startTestNode()])
    await b.rpc.call('addnode', [a.node.status().addresses[0], 'onetry'])
    await b.rpc.call('generatetoaddress', [2, address])
    const hash = b.node.status().bestHash
    const peer = async (): Promise<unknown> => ((await a.rpc.call('getpeerinfo')) as unknown[])[0]
    await expect
      .poll(peer, patience)
      .toMatchObject({ height: 2, bestHash: hash, startingheight: 0, synced_headers: 2, synced_blocks: 2 })
    expect(await peer()).toMatchObject({ servicesnames: ['NETWORK'], services: '0000000000000001' })
    const { bytesrecv, bytessent } = (await peer()) as { bytesrecv: number; bytessent: number }
    expect(Math.min(bytesrecv, bytessent)).toBeGreaterThan(0)
    const totals = (await a.rpc.call('getnettotals')) as Record<string, number>
    expect(totals.totalbytesrecv).toBeGreaterThanOrEqual(bytesrecv)
    expect(totals.totalbytessent).toBeGreaterThanOrEqual(bytessent)
    expect(totals.timemillis).toBeGreaterThan(1_600_000_000_000)
  })

  it('refuse this node itself, and what was said before', async () => {
    const { rpc, node } = await startTestNode()
    const [own = ''] = node.status().addresses
    for (const one of [own, own.slice(0, own.indexOf('/p2p/'))])
      await expect(rpc.call('addnode', [one, 'add'])).rejects.toThrow(refusal(-8, 'peer-is-self'))
    for (const one of [node.peerId, '127.0.0.1'])
      await expect(rpc.call('setban', [one, 'add'])).rejects.toThrow(refusal(-8, 'peer-is-self'))
    await rpc.call('addnode', ['/ip4/127.0.0.1/tcp/1', 'add'])
    await expect(rpc.call('addnode', ['/ip4/127.0.0.1/tcp/1', 'add'])).rejects.toThrow(refusal(-23))
    await rpc.call('setban', ['10.0.0.1', 'add'])
    await expect(rpc.call('setban', ['10.0.0.1', 'add'])).rejects.toThrow(refusal(-23))
    await expect(rpc.call('addnode', ['/ip4/10.0.0.1/tcp/1', 'add'])).rejects.toThrow(
      refusal(-9, 'peer-banned'),
    )
  })

  it('say why a peer cannot be had', async () => {
    const { rpc } = await startTestNode()
    await expect(rpc.call('addnode', ['/ip4/127.0.0.1/tcp/1', 'onetry'])).rejects.toThrow(
      refusal(-9, 'peer-unreachable'),
    )
    for (const address of ['nonsense', '/ip4/127.0.0.1/tcp/1/p2p/nonsense'])
      await expect(rpc.call('addnode', [address, 'add'])).rejects.toThrow(refusal(-5, 'address-malformed'))
    await expect(rpc.call('addnode', ['/ip4/127.0.0.1/tcp/1', 'remove'])).rejects.toThrow(refusal(-24))
  })

  it('name whom the node knows, the one that was there last first', async () => {
    const [a, b] = await Promise.all([startTestNode(), startTestNode()])
    expect(await a.rpc.call('getnodeaddresses')).toEqual([])
    const there = b.node.status().addresses[0] as string
    await a.rpc.call('addnode', [there, 'onetry'])
    const row = { peerId: b.node.peerId, addresses: [there], source: 'connect', failures: 0 }
    const known = (await a.rpc.call('getnodeaddresses')) as { time: number }[]
    expect(known).toMatchObject([row])
    expect(Math.abs(Number(known[0]?.time) - Date.now() / 1_000)).toBeLessThan(60)
    await a.rpc.call('setban', ['10.0.0.1', 'add'])
    expect(await a.rpc.call('getnodeaddresses', [0])).toHaveLength(1)
    await expect(a.rpc.call('getnodeaddresses', [-1])).rejects.toThrow(refusal(-8))
  })

  it('ban and unban, so that a banned peer stays away', async () => {
    const [a, b] = await Promise.all([startTestNode(), startTestNode()])
    await a.rpc.call('setban', [b.node.peerId, 'add', 60])
    expect(await a.rpc.call('listbanned')).toMatchObject([
      { address: b.node.peerId, ban_reason: 'manually added', ban_duration: 60 },
    ])
    const here = a.node.status().addresses[0] as string
    await expect(b.rpc.call('addnode', [here, 'onetry'])).rejects.toThrow(refusal(-9))
    await a.rpc.call('setban', [b.node.peerId, 'remove'])
    expect(await a.rpc.call('listbanned')).toEqual([])
    await b.rpc.call('addnode', [here, 'onetry'])
    await expect(a.rpc.call('setban', ['10.0.0.1', 'remove'])).rejects.toThrow(refusal(-30))
    await expect(a.rpc.call('setban', ['10.0.0.1', 'add', 1_000, true])).rejects.toThrow(refusal(-8))
    await expect(a.rpc.call('setban', ['nobody', 'add'])).rejects.toThrow(refusal(-8))
    await a.rpc.call('setban', ['2001:DB8:0::1', 'add'])
    expect(await a.rpc.call('listbanned')).toMatchObject([{ address: '2001:db8::1' }])
    await a.rpc.call('setban', ['2001:db8:0:0::1', 'remove'])
    for (const subject of ['10.0.0.1', '10.0.0.2', b.node.peerId])
      await a.rpc.call('setban', [subject, 'add'])
    expect(await a.rpc.call('clearbanned')).toBeNull()
    expect(await a.rpc.call('listbanned')).toEqual([])
  })
})

describe('methods about the node', () => {
  it('tell its status, its age and its methods', async () => {
    const { rpc, node } = await startTestNode()
    expect(await rpc.call('getstatus')).toMatchObject({ peerId: node.peerId, state: 'no-peers' })
    expect(await rpc.call('uptime')).toBeTypeOf('number')
    const help = (await rpc.call('help')) as string
    expect(help.split('\n').map((line) => line.split(' ')[0])).toEqual([...rpcMethods.keys()].sort())
    expect(help).toContain('getblock blockhash [verbosity]')
    expect(await rpc.call('help', ['stop'])).toContain('Makes the node stop')
    await expect(rpc.call('help', ['nope'])).rejects.toThrow(refusal(-1))
  })

  it('pass on the wish to stop', async () => {
    const { rpc, stopRequested } = await startTestNode()
    expect(await rpc.call('stop')).toBe('chain-node stopping')
    await stopRequested
  })
})
