import { computeFilterHash } from '@chain/core/filters'
import {
  type Block,
  blockHash,
  createMerkleProof,
  encodeMerkleBlock,
  encodeTransaction,
  type Transaction,
  txids,
  ZERO_HASH,
} from '@chain/core/primitives'
import {
  encodeFilterReply,
  encodeProofReply,
  type FilterReply,
  type GetProof,
  type ProofReply,
  protocolId,
} from '@chain/wire'
import type { Connection } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { beforeAll, describe, expect, it } from 'vitest'
import { requestFilterHeaders, requestFilters } from '../../src/protocols/filters.ts'
import { requestProof } from '../../src/protocols/proofs.ts'
import { encodeFrames } from '../../src/streams/frames.ts'
import { streamDuplex } from '../../src/streams/stream-duplex.ts'
import { connectLightHost, specId } from '../hosts.ts'
import { buildChain } from './chains.ts'

const hash = (first: number): Uint8Array => new Uint8Array(32).fill(first)

/** A connection to a peer that answers `name` with these frames, whatever is asked. */
async function answering(name: 'filters/1' | 'proofs/1', frames: readonly Uint8Array[]): Promise<Connection> {
  const { server, connection } = await connectLightHost()
  await server.handle(protocolId(specId, name), (stream) =>
    pipe(frames, encodeFrames, streamDuplex(stream, { writeTimeout: 10_000 })),
  )
  return connection
}

async function drain(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of items) count += 1
  return count
}

describe('filter headers are not taken from a peer that', () => {
  const ask = async (replies: readonly FilterReply[], startHeight = 1): Promise<unknown> => {
    const connection = await answering('filters/1', replies.map(encodeFilterReply))
    const range = { startHeight, stopHeight: startHeight + 1, stop: hash(9) }
    return requestFilterHeaders(connection, specId, range)
  }
  const headers = (...hashes: Uint8Array[]): FilterReply => ({ kind: 'headers', previous: hash(1), hashes })

  it.each<[string, readonly FilterReply[], string]>([
    ['says nothing', [], 'peer-closed'],
    ['sends fewer', [headers(hash(2))], 'answer-unexpected'],
    ['sends more', [headers(hash(2), hash(3), hash(4))], 'answer-unexpected'],
    ['sends them twice', [headers(hash(2), hash(3)), headers(hash(2), hash(3))], 'frame-unexpected'],
    ['sends a filter', [{ kind: 'filter', block: hash(9), filter: hash(0) }], 'answer-unexpected'],
    ['lacks another block', [{ kind: 'not-found', hash: hash(8) }], 'answer-unexpected'],
    ['has not indexed another block', [{ kind: 'not-indexed', hash: hash(8) }], 'answer-unexpected'],
  ])('%s', async (_, replies, code) => {
    await expect(ask(replies)).rejects.toMatchObject({ code })
  })

  it('has one before the genesis block', async () => {
    await expect(ask([headers(hash(2), hash(3))], 0)).rejects.toMatchObject({ code: 'answer-false' })
  })

  it('sends garbage', async () => {
    const connection = await answering('filters/1', [Uint8Array.of(1, 2, 3)])
    const request = requestFilterHeaders(connection, specId, {
      startHeight: 1,
      stopHeight: 1,
      stop: hash(9),
    })
    await expect(request).rejects.toMatchObject({ code: 'message-malformed' })
  })
})

describe('filters are not taken from a peer that', () => {
  const filter = (first: number): Uint8Array => Uint8Array.of(1, first)
  const good = (first: number): FilterReply => ({ kind: 'filter', block: hash(first), filter: filter(first) })
  const missing = (first: number): FilterReply => ({ kind: 'not-found', hash: hash(first) })
  const wanted = [1, 2, 3].map((first) => ({
    block: hash(first),
    filterHash: computeFilterHash(filter(first)),
  }))
  const ask = async (replies: readonly FilterReply[]): Promise<number> => {
    const connection = await answering('filters/1', replies.map(encodeFilterReply))
    return drain(requestFilters(connection, specId, 1, wanted))
  }

  it.each<[string, readonly FilterReply[], string]>([
    ['says nothing', [], 'peer-closed'],
    ['stops in the middle', [good(1), good(2)], 'peer-closed'],
    ['sends more', [1, 2, 3, 4].map(good), 'frame-unexpected'],
    ['sends them in another order', [1, 3, 2].map(good), 'answer-unexpected'],
    ['lies', [good(1), { kind: 'filter', block: hash(2), filter: filter(7) }], 'answer-false'],
    [
      'sends headers instead',
      [{ kind: 'headers', previous: ZERO_HASH, hashes: [hash(1)] }],
      'answer-unexpected',
    ],
    ['lacks another block', [good(1), missing(2)], 'answer-unexpected'],
    ['goes on after it said that it has no more', [good(1), missing(3), good(2)], 'frame-unexpected'],
  ])('%s', async (_, replies, code) => {
    await expect(ask(replies)).rejects.toMatchObject({ code })
  })

  it('are taken from one that says the truth', async () => {
    expect(await ask([1, 2, 3].map(good))).toBe(3)
    expect(await ask([good(1), missing(3)])).toBe(2)
  })
})

describe('a proof is not taken from a peer that', () => {
  let block: Block
  let other: Block
  let ids: readonly Uint8Array[]
  beforeAll(() => {
    const { blocks } = buildChain(10)
    ;[block, other] = [blocks[8], blocks[7]] as [Block, Block]
    ids = txids(block.transactions)
  })

  const ask = async (replies: readonly ProofReply[], changes: Partial<GetProof> = {}): Promise<unknown> => {
    const request = { block: blockHash(block.header), coinbase: true, transactions: true, ...changes }
    const connection = await answering('proofs/1', replies.map(encodeProofReply))
    return requestProof(connection, specId, { txids: [ids[1] as Uint8Array], ...request })
  }
  const proof = (positions: readonly number[], { header } = block): ProofReply => {
    const wanted = positions.map((position) => ids[position] as Uint8Array)
    const merkleBlock = encodeMerkleBlock({ header, proof: createMerkleProof(ids, wanted) })
    return { kind: 'proof', merkleBlock }
  }
  const transaction = (position: number): ProofReply => ({
    kind: 'transaction',
    transaction: encodeTransaction(block.transactions[position] as Transaction),
  })
  /** A proof of the wanted transactions whose byte at a place from the end is another. */
  const changed = (fromEnd: number): ProofReply => {
    const { merkleBlock } = proof([0, 1]) as Extract<ProofReply, { kind: 'proof' }>
    const bytes = merkleBlock.slice()
    bytes.set([(bytes.at(-fromEnd) as number) ^ 0x80], bytes.length - fromEnd)
    return { kind: 'proof', merkleBlock: bytes }
  }

  it.each<[string, () => readonly ProofReply[], string]>([
    ['says nothing', () => [], 'peer-closed'],
    ['sends the transactions alone', () => [transaction(0)], 'frame-unexpected'],
    ['sends no transactions', () => [proof([0, 1])], 'peer-closed'],
    ['sends too few', () => [proof([0, 1]), transaction(0)], 'peer-closed'],
    ['sends too many', () => [proof([0, 1]), ...[0, 1, 2].map(transaction)], 'frame-unexpected'],
    ['sends them in another order', () => [proof([0, 1]), transaction(1), transaction(0)], 'answer-false'],
    ['sends two proofs', () => [proof([0, 1]), proof([0, 1])], 'frame-unexpected'],
    ['sends the proof of another block', () => [proof([0, 1], other)], 'answer-unexpected'],
    ['proves a transaction that nobody wanted', () => [proof([0, 2])], 'answer-unexpected'],
    ['leaves the coinbase out', () => [proof([1])], 'answer-false'],
    ['has changed the flags', () => [changed(1)], 'answer-false'],
    ['has changed a hash', () => [changed(10)], 'answer-false'],
    ['lacks another block', () => [{ kind: 'not-found', hash: hash(3) }], 'answer-unexpected'],
    [
      'lacks the block and goes on',
      () => [{ kind: 'not-found', hash: blockHash(block.header) }, proof([0, 1])],
      'frame-unexpected',
    ],
    [
      'sends bytes that are no proof',
      () => [{ kind: 'proof', merkleBlock: new Uint8Array(100).fill(0xff) }],
      'answer-false',
    ],
    [
      'sends bytes that are no transaction',
      () => [proof([0, 1]), { kind: 'transaction', transaction: Uint8Array.of(1, 2, 3) }],
      'answer-false',
    ],
  ])('%s', async (_, replies, code) => {
    await expect(ask(replies())).rejects.toMatchObject({ code })
  })

  it('sends transactions that were not asked for', async () => {
    const request = ask([proof([0, 1]), transaction(0)], { transactions: false })
    await expect(request).rejects.toMatchObject({ code: 'frame-unexpected' })
  })

  it('is taken from one that says the truth', async () => {
    const replies = [proof([0, 1]), transaction(0), transaction(1)]
    expect(await ask(replies)).toMatchObject({ proven: [{ index: 0 }, { index: 1 }] })
  })
})
