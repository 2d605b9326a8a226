import { type BlockRef, type ChainManager, type ChainStore, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import { OperationalError } from '@chain/core/errors'
import { Mempool } from '@chain/core/mempool'
import { type Block, blockHash, encodeTransaction, type Transaction, txid } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { pEvent } from 'p-event'
import { beforeAll, describe, expect, it } from 'vitest'
import { answerPeers } from '../../src/answers/answers.ts'
import { systemClock } from '../../src/clock.ts'
import { requestBlocks } from '../../src/protocols/blocks.ts'
import { requestSubmit } from '../../src/protocols/submit.ts'
import { startHost } from '../hosts.ts'
import { lateClock, openChain, silentLog } from '../nodes.ts'
import { startNode, type TestNode } from '../peers/nodes.ts'

const builder = ChainBuilder.create()
const specId = builder.spec.id
beforeAll(() => {
  builder.mineEmpty(110)
})

interface AnsweringNode extends TestNode {
  readonly chain: ChainManager
  /** What the log was warned of. */
  readonly warnings: readonly object[]
}

/** A store in which the body of one block is damaged. */
class DamagedStore extends MemoryChainStore {
  override readBody(block: BlockRef): Uint8Array | undefined {
    if (block.height !== 2) return super.readBody(block)
    throw new OperationalError('store-corrupt', 'The data file is corrupt.', {})
  }
}

/** A node with the builder's chain that answers. */
async function startAnswering(store?: ChainStore): Promise<AnsweringNode> {
  const node = await startNode()
  const chain = await openChain(builder.blocks, store)
  const mempool = new Mempool({ chain, verifier: inlineVerifier, clock: lateClock })
  const warnings: object[] = []
  const log = { ...silentLog, warn: (data: object) => warnings.push(data) }
  const penalise = node.peers.penalise.bind(node.peers)
  await answerPeers(node.host, { chain, mempool, penalise, clock: systemClock, log }, {})
  return { ...node, chain, warnings }
}

/** Spends a coin of the builder; the signature does not cover what `changes` say. */
function payment(changes: Partial<Transaction> = {}): Transaction {
  const [coin] = builder.spendable()
  if (coin === undefined) throw new Error('There is no coin.')
  const output = { value: coin[1].output.value - 10_000n, scriptPubKey: testKey('payee').script }
  return { ...builder.spend([coin], [output]), ...changes }
}

describe('a submitted transaction', () => {
  it.each([
    ['breaks a rule', () => encodeTransaction(payment({ lockTime: 1 }))],
    ['is none', () => Uint8Array.of(1, 2, 3)],
  ])('that %s is answered first; the connection is closed then', async (_, transaction) => {
    const [node, wallet] = [await startAnswering(), await startHost({ listen: [] })]
    const connection = await wallet.dial(node.host.getMultiaddrs())
    const closed = pEvent(connection, 'close')
    const reply = await requestSubmit(connection, specId, transaction())
    expect(reply).toMatchObject({ accepted: false, code: expect.any(String) })
    await closed
    expect(node.scores.get(wallet.peerId.toString(), Date.now())).toBeLessThan(-24)
  })

  it('that is valid costs nothing', async () => {
    const [node, wallet] = [await startAnswering(), await startHost({ listen: [] })]
    const connection = await wallet.dial(node.host.getMultiaddrs())
    const transaction = payment()
    const reply = await requestSubmit(connection, specId, encodeTransaction(transaction))
    expect(reply).toEqual({ accepted: true, txid: txid(transaction) })
    expect(node.scores.get(wallet.peerId.toString(), Date.now())).toBe(0)
  })
})

describe('a peer that is disconnected soon', () => {
  it('is no peer any more, and none again over the same connection', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await b.peers.connect(a.addresses())
    const connection = b.peers.get(a.id)?.connection
    if (connection === undefined) throw new Error('The nodes are connected.')
    const closed = pEvent(connection, 'close')
    a.peers.penalise(b.id, 'invalid-transaction', 'spends too much', 'soon')
    expect(a.peers.get(b.id)).toBeUndefined()
    expect(connection.status).toBe('open')
    await b.peers.refresh(a.id)
    expect(a.peers.get(b.id)).toBeUndefined()
    await closed
  })
})

describe('a block whose body is damaged in the store', () => {
  it('is not found, which the log is told once, and the others are served', async () => {
    const node = await startAnswering(new DamagedStore())
    const asker = await startHost({ listen: [] })
    const connection = await asker.dial(node.host.getMultiaddrs())
    const hashes = [1, 2, 3].map((height) => builder.tip.ancestor(height).hash)
    for (let time = 0; time < 2; time++) {
      const kinds: string[] = []
      for await (const { kind } of requestBlocks(connection, specId, hashes)) kinds.push(kind)
      expect(kinds).toEqual(['block', 'not-found', 'block'])
    }
    expect(node.warnings).toMatchObject([{ height: 2 }])
  })
})

describe('a block of another branch', () => {
  it('is not given before it was found valid, since nobody shall be blamed for passing on an invalid one', async () => {
    const [node, peer] = [await startAnswering(), await startHost({ listen: [] })]
    const [tip, before] = [builder.blocks.at(-1) as Block, builder.blocks.at(-2) as Block]
    const side = ChainBuilder.create()
    side.mineEmpty(109)
    const rival = side.mine({ transactions: [payment({ lockTime: 1 })], extraNonce: 9 })
    expect(await node.chain.acceptBlock(rival)).toMatchObject({ status: 'side-chain' })
    const connection = await peer.dial(node.host.getMultiaddrs())
    const hashes = [before, rival, tip].map(({ header }) => blockHash(header))
    const replies: string[] = []
    for await (const { kind } of requestBlocks(connection, specId, hashes)) replies.push(kind)
    expect(replies).toEqual(['block', 'not-found', 'block'])
  })
})
