import { once } from 'node:events'
import { join } from 'node:path'
import { type ChainSpec, loadNetwork } from '@chain/core/consensus'
import { type Block, formatHash, type Transaction, txid } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { COIN } from '@chain/core/units'
import { Account, signPayment } from '@chain/core/wallet'
import { protocolVersion } from '@chain/wire'
import type { Connection } from '@libp2p/interface'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { LightClient } from '../../src/light-client/light-client.ts'
import { LightPeers } from '../../src/light-client/light-peers.ts'
import { parsePeerAddresses } from '../../src/light-client/peer-addresses.ts'
import { submitPayment } from '../../src/light-client/submit-payment.ts'
import { planPayment } from '../../src/plan-payment.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ServingNode } from './serving-node.ts'

const spec = loadNetwork('regtest')
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

interface ClientChanges {
  readonly peers?: readonly ServingNode[]
  readonly birthday?: number
  readonly spec?: ChainSpec
}

async function openClient({ peers = [], birthday = 0, ...rest }: ClientChanges): Promise<LightClient> {
  const client = await LightClient.open({
    directory,
    database: join(directory, 'wallet.db'),
    spec: rest.spec ?? spec,
    account,
    birthday,
    peers: parsePeerAddresses(peers.map(({ address }) => address)),
    now: Date.now,
    report: () => undefined,
  })
  onTestFinished(() => client.close())
  return client
}

/** Opens the wallet, follows the chain, looks, and closes it. */
async function synced<Result>(
  changes: ClientChanges,
  look: (client: LightClient) => Result | Promise<Result>,
): Promise<Result> {
  const client = await openClient(changes)
  try {
    await client.sync(silent)
    return await look(client)
  } finally {
    await client.close()
  }
}

function balanceOf({ ledger, height }: LightClient): readonly bigint[] {
  const { confirmed, pending, immature } = ledger.balance(height)
  return [confirmed, pending, immature]
}

/** A chain whose first miner's coins have matured. */
function matureChain(): ChainBuilder {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(101)
  return builder
}

/** Pays scripts from the builder's oldest coin and gives the rest back to it. */
function payment(builder: ChainBuilder, ...outputs: readonly (readonly [bigint, Uint8Array])[]): Transaction {
  const coins = builder.spendable().slice(0, 1)
  const paid = outputs.map(([value, scriptPubKey]) => ({ value, scriptPubKey }))
  const rest = 50n * COIN - 10_000n - outputs.reduce((sum, [value]) => sum + value, 0n)
  return builder.spend(coins, [...paid, { value: rest, scriptPubKey: builder.key.script }])
}

function pay(client: LightClient, amount: bigint, script: Uint8Array = shop.script): Transaction {
  const plan = { script, amount, feeRate: 2_000n }
  const unsigned = planPayment(account, client.ledger, client.height, plan)
  return signPayment(unsigned, (spent) => {
    const place = client.ledger.placeOf(spent)
    return place === undefined ? undefined : account.privateKey(place)
  })
}

describe('a light client', () => {
  it('finds what the chain pays to its addresses', async () => {
    const builder = matureChain()
    builder.mine({ transactions: [payment(builder, [COIN, ours(0)], [3n * COIN, ours(19)])] })
    builder.mine({ script: ours(20) })
    const node = await ServingNode.start(spec, builder.blocks)
    await synced({ peers: [node] }, (client) => {
      expect(client.height).toBe(103)
      expect(balanceOf(client)).toEqual([4n * COIN, 0n, 50n * COIN])
      expect(client.ledger.nextUnused('receive').index).toBe(21)
    })
  })

  it('goes on where it stopped', async () => {
    const builder = matureChain()
    const node = await ServingNode.start(spec, builder.blocks)
    await synced({ peers: [node] }, () => undefined)
    expect(node.blocksServed).toBe(101)
    await node.accept([builder.mine({ transactions: [payment(builder, [COIN, ours()])] })])
    await synced({ peers: [node] }, (client) => expect(balanceOf(client)).toEqual([COIN, 0n, 0n]))
    expect(node.blocksServed).toBe(102)
    await synced({ peers: [node] }, (client) => expect(balanceOf(client)).toEqual([COIN, 0n, 0n]))
    expect(node.blocksServed).toBe(102)
  })

  it('does not ask for blocks from long before its birthday', async () => {
    const builder = matureChain()
    const node = await ServingNode.start(spec, builder.blocks)
    const { time } = (builder.blocks[59] as Block).header
    await synced({ peers: [node], birthday: time + 86_400 }, ({ height }) => expect(height).toBe(101))
    expect(node.blocksServed).toBe(42)
  })

  it('follows a reorganisation, and its payments wait until they are mined again', async () => {
    //  101 -- 102 (pays) -- 103
    //     \-- 102' -- 103' -- 104' -- 105' (pays)
    const builder = matureChain()
    const other = builder.fork()
    const paying = payment(builder, [COIN, ours()])
    builder.mine({ transactions: [paying] })
    builder.mine({ script: ours(1) })
    const node = await ServingNode.start(spec, builder.blocks)
    await synced({ peers: [node] }, (client) => expect(balanceOf(client)).toEqual([COIN, 0n, 50n * COIN]))
    await node.accept(other.mineEmpty(3, { extraNonce: 1 }))
    await synced({ peers: [node] }, (client) => {
      expect(client.height).toBe(104)
      expect(balanceOf(client)).toEqual([0n, COIN, 0n])
    })
    await node.accept([other.mine({ transactions: [paying] })])
    await synced({ peers: [node] }, (client) => expect(balanceOf(client)).toEqual([COIN, 0n, 0n]))
  })

  it('forgets a payment that the better branch made to somebody else', async () => {
    const builder = matureChain()
    const other = builder.fork()
    builder.mine({ transactions: [payment(builder, [COIN, ours()])] })
    const node = await ServingNode.start(spec, builder.blocks)
    await synced({ peers: [node] }, (client) => expect(balanceOf(client)).toEqual([COIN, 0n, 0n]))
    other.mine({ transactions: [payment(other, [COIN, shop.script])] })
    await node.accept([...other.blocks.slice(-1), other.mine()])
    await synced({ peers: [node] }, (client) => {
      expect(balanceOf(client)).toEqual([0n, 0n, 0n])
      expect(client.ledger.history()).toEqual([])
    })
  })

  it('takes the chain with the most work when peers disagree, whichever is asked first', async () => {
    const builder = matureChain()
    const other = builder.fork()
    builder.mine({ transactions: [payment(builder, [COIN, ours()])] })
    other.mineEmpty(2, { extraNonce: 1 })
    const shorter = await ServingNode.start(spec, builder.blocks)
    const longer = await ServingNode.start(spec, other.blocks)
    for (const peers of [
      [shorter, longer],
      [longer, shorter],
    ]) {
      directory = temporaryDirectory()
      await synced({ peers }, (client) => {
        expect(client.height).toBe(103)
        expect(balanceOf(client)[0]).toBe(0n)
      })
    }
  })
})

describe('a light client among bad peers', () => {
  it('gives up one whose headers lack work, and believes the other', async () => {
    const builder = matureChain()
    builder.mine({ transactions: [payment(builder, [COIN, ours()])] })
    const liar = await ServingNode.start(spec, builder.blocks, { spoilHeader: (bytes) => changed(bytes, 70) })
    const honest = await ServingNode.start(spec, builder.blocks)
    await synced({ peers: [liar, honest] }, (client) => expect(balanceOf(client)[0]).toBe(COIN))
    expect(liar.blocksServed).toBe(0)
  })

  it('gives up one whose blocks are not those of their headers, and asks the other', async () => {
    const builder = matureChain()
    builder.mine({ transactions: [payment(builder, [COIN, ours()])] })
    const liar = await ServingNode.start(spec, builder.blocks, {
      spoilBlock: (bytes) => changed(bytes, bytes.length - 10),
    })
    const honest = await ServingNode.start(spec, builder.blocks)
    await synced({ peers: [liar, honest] }, (client) => expect(balanceOf(client)[0]).toBe(COIN))
  })

  it('says what it asked for when nobody is left, and keeps nothing false', async () => {
    const builder = matureChain()
    const node = await ServingNode.start(spec, builder.blocks, { spoilBlock: (bytes) => changed(bytes, 100) })
    const client = await openClient({ peers: [node] })
    await expect(client.sync(silent)).rejects.toMatchObject({
      code: 'peers-failed',
      message: expect.stringMatching(
        /^No peer gave the blocks that are needed: asked \/ip4\/127\.0\.0\.1\/tcp\/.*\.$/,
      ),
    })
    expect(client.ledger.history()).toEqual([])
  })

  it('does not speak with a node of another network', async () => {
    const dev = loadNetwork('dev')
    const node = await ServingNode.start(dev, [])
    const client = await openClient({ peers: [node] })
    await expect(client.sync(silent)).rejects.toMatchObject({
      code: 'peers-unreachable',
      message: expect.stringContaining('another network'),
    })
  })

  it('names those that it cannot reach', async () => {
    const node = await ServingNode.start(spec, [])
    await node.stop()
    const client = await openClient({ peers: [node] })
    await expect(client.sync(silent)).rejects.toMatchObject({
      code: 'peers-unreachable',
      message: expect.stringContaining(`${node.address} (connection refused)`),
    })
  })

  it('remembers those that worked and asks them when nobody is named', async () => {
    const client = await openClient({})
    await expect(client.sync(silent)).rejects.toMatchObject({ code: 'peers-unknown' })
    await client.close()
    const node = await ServingNode.start(spec, matureChain().blocks)
    await synced({ peers: [node] }, () => undefined)
    await synced({}, ({ height }) => expect(height).toBe(101))
  })

  it('asks the bootnodes of the network when it knows nobody', async () => {
    const node = await ServingNode.start(spec, matureChain().blocks)
    await synced({ spec: { ...spec, bootnodes: [node.address] } }, ({ height }) => expect(height).toBe(101))
  })
})

/** Connects to a node as a wallet does, and remembers nothing. */
async function connectPeers(node: ServingNode): Promise<LightPeers> {
  const { hash, chainWork } = node.chain.genesis
  const peers = await LightPeers.connect({
    spec,
    named: parsePeerAddresses([node.address]),
    memory: { list: () => [], get: () => undefined, put: () => Promise.resolve() },
    ownStatus: () => ({
      protocolVersion,
      agent: 'test/1.0.0',
      genesis: hash,
      tip: hash,
      height: 0,
      work: chainWork,
      services: 0,
      time: 0,
      nonce: new Uint8Array(8),
    }),
    now: Date.now,
  })
  onTestFinished(() => peers.close())
  return peers
}

describe('submitting a payment', () => {
  it('tells that it was handed to nobody where no connection could be made again', async () => {
    const builder = matureChain()
    const node = await ServingNode.start(spec, builder.blocks)
    const peers = await connectPeers(node)
    const connection = peers.list()[0]?.connection as Connection
    const closed = once(connection, 'close')
    await node.stop()
    await closed
    expect(await submitPayment(peers, spec.id, payment(builder, [COIN, ours()]))).toMatchObject([
      { status: 'failed', handed: false },
    ])
  })

  it('does not claim that where a connection was there', async () => {
    const builder = matureChain()
    const node = await ServingNode.start(spec, builder.blocks)
    const peers = await connectPeers(node)
    const sent = submitPayment(peers, spec.id, payment(builder, [COIN, ours()]))
    await node.stop()
    const [verdict] = await sent
    expect(verdict).not.toMatchObject({ handed: false })
  })
})

describe('paying', () => {
  async function funded(): Promise<{ builder: ChainBuilder; node: ServingNode }> {
    const builder = matureChain()
    builder.mine({ transactions: [payment(builder, [COIN, ours()])] })
    return { builder, node: await ServingNode.start(spec, builder.blocks) }
  }

  it('is accepted, waits, gives change, and is confirmed by a block', async () => {
    const { builder, node } = await funded()
    const sent = await synced({ peers: [node] }, async (client) => {
      const transaction = pay(client, COIN / 4n)
      client.recordPending(transaction)
      expect(await client.submit(transaction)).toMatchObject([{ status: 'accepted' }])
      return transaction
    })
    expect(node.mempool.has(txid(sent))).toBe(true)
    const second = await synced({ peers: [node] }, async (client) => {
      const [confirmed, pending] = balanceOf(client)
      expect(confirmed).toBe(0n)
      expect(pending).toBeGreaterThan((COIN * 7n) / 10n)
      const transaction = pay(client, COIN / 4n)
      expect(transaction.inputs[0]?.previousOutput.txid).toEqual(txid(sent))
      client.recordPending(transaction)
      expect(await client.submit(transaction)).toMatchObject([{ status: 'accepted' }])
      return transaction
    })
    await node.accept([builder.mine({ transactions: [sent, second] })])
    await synced({ peers: [node] }, (client) => {
      const [confirmed, pending] = balanceOf(client)
      expect(confirmed).toBeGreaterThan((COIN * 4n) / 10n)
      expect(pending).toBe(0n)
    })
  })

  it('is sent again to a node that has forgotten it', async () => {
    const { builder, node } = await funded()
    const sent = await synced({ peers: [node] }, (client) => {
      const transaction = pay(client, COIN / 4n)
      client.recordPending(transaction)
      return transaction
    })
    expect(node.mempool.has(txid(sent))).toBe(false)
    const restarted = await ServingNode.start(spec, builder.blocks)
    await synced({ peers: [restarted] }, () => undefined)
    expect(restarted.mempool.has(txid(sent))).toBe(true)
  })

  it('is refused with the rule when its coins are spent already, and can be given up', async () => {
    const { builder, node } = await funded()
    await synced({ peers: [node] }, async (client) => {
      const transaction = pay(client, COIN / 4n)
      await node.accept([builder.mine({ transactions: [pay(client, COIN / 2n)] })])
      client.recordPending(transaction)
      expect(await client.submit(transaction)).toMatchObject([
        {
          status: 'refused',
          code: expect.stringMatching(/^[a-z-]+$/),
          sentence: expect.stringMatching(/\.$/),
        },
      ])
      client.forgetPending(txid(transaction))
      expect(balanceOf(client)).toEqual([COIN, 0n, 0n])
      expect(client.ledger.history().map(({ txid: id }) => formatHash(id))).not.toContain(
        formatHash(txid(transaction)),
      )
    })
  })

  it('connects again to a peer that closed the connection in the meantime', async () => {
    const { node } = await funded()
    await synced({ peers: [node] }, async (client) => {
      const transaction = pay(client, COIN / 4n)
      await node.hangUp()
      expect(await client.submit(transaction)).toMatchObject([{ status: 'accepted' }])
    })
  })

  it('waits for nobody when a peer is gone', async () => {
    const { node } = await funded()
    await synced({ peers: [node] }, async (client) => {
      const transaction = pay(client, COIN / 4n)
      await node.stop()
      expect(await client.submit(transaction)).toMatchObject([{ status: 'failed' }])
    })
  })
})

/** The bytes with one of them changed. */
function changed(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 0xff : byte))
}
