/** Attacks with compact blocks: short ids that lie, transactions that are not the block's, and too many questions. */
import {
  type Block,
  blockHash,
  createCompactBlock,
  decodeBlockTransactionsRequest,
  encodeBlockTransactions,
  encodeBlockTransactionsRequest,
  encodeCompactBlock,
  formatHash,
  type Transaction,
} from '@chain/core/primitives'
import { solve } from '@chain/core/testing'
import { encodeRelayMessage } from '@chain/wire'
import { after, ended, flood } from '../flood.ts'
import type { Attack, Stage } from '../stage.ts'
import { frame, joined } from '../wire-bytes.ts'
import { blockWithTransactions } from './block-with-transactions.ts'

/** Short ids that are all the same. */
const collisions = (count: number): number[] => Array.from({ length: count }, () => 7)

/**
 * Sends the compact form of a block that nobody else has, with these short ids, and answers every question about it with
 * `transactions`; then the honest node publishes the block.
 */
async function offerCompact(
  stage: Stage,
  shortIds: (block: Block) => readonly number[],
  transactions: (block: Block, count: number) => readonly Transaction[],
): Promise<void> {
  const block = blockWithTransactions(stage)
  const hash = blockHash(block.header)
  await stage.as(stage.join({ block: () => undefined }), async (attacker) => {
    const channel = await attacker.relay()
    await channel.send({ kind: 'compact-mode', highBandwidth: true })
    const compact = { ...createCompactBlock(block, 1n), shortIds: shortIds(block) }
    await channel.send({ kind: 'compact-block', block: encodeCompactBlock(compact) })
    const answer = async (): Promise<void> => {
      for await (const message of channel.messages) {
        if (message.kind !== 'get-block-transactions') continue
        const { indexes } = decodeBlockTransactionsRequest(message.request)
        const given = { block: hash, transactions: transactions(block, indexes.length) }
        await channel.send({ kind: 'block-transactions', answer: encodeBlockTransactions(given) })
      }
    }
    // The node closes the channel of a peer that lies, which is what ends the answers.
    await Promise.race([answer().catch(() => undefined), after(500)])
  })
  await stage.publish(block)
  await stage.target.waitFor('the good block', ({ bestHash }) => bestHash === formatHash(hash))
}

export const compactBlockAttacks: readonly Attack[] = [
  {
    title: 'compact blocks whose short ids collide',
    run: (stage) =>
      offerCompact(
        stage,
        ({ transactions }) => collisions(transactions.length - 1),
        ({ transactions }) => transactions.slice(1),
      ),
  },
  {
    title: 'compact blocks whose transactions are others',
    run: (stage) =>
      offerCompact(
        stage,
        ({ transactions }) => transactions.slice(1).map((_, index) => index),
        ({ transactions: [coinbase] }, count) => Array.from({ length: count }, () => coinbase as Transaction),
      ),
  },
  {
    title: 'compact blocks whose transactions are too few',
    run: (stage) =>
      offerCompact(
        stage,
        ({ transactions }) => transactions.slice(1).map((_, index) => index),
        () => [],
      ),
  },
  {
    title: 'compact blocks of tens of thousands of transactions without end',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const { header, hash } = stage.builder.tip
        const stream = await attacker.relayStream()
        const next = (index: number): Uint8Array => {
          const child = { ...header, previous: hash, time: header.time + 600 + index }
          const solved = solve({ header: child, transactions: [] })
          const compact = { ...createCompactBlock(solved, 1n), shortIds: collisions(60_000) }
          return frame(encodeRelayMessage({ kind: 'compact-block', block: encodeCompactBlock(compact) }))
        }
        await flood(stream, next, { chunks: 1_000, milliseconds: stage.many(1_000, 30_000) })
        // The headers are good, and whoever has their bodies is one block behind afterwards.
        await stage.publish(stage.builder.mine())
      }),
  },
  {
    title: 'questions about transactions of blocks without end, from a peer that does not read',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const hash = stage.builder.tip.hash
        const request = encodeBlockTransactionsRequest({ block: hash, indexes: [0] })
        const messages = joined([
          frame(encodeRelayMessage({ kind: 'get-block-transactions', request })),
          frame(encodeRelayMessage({ kind: 'get-compact-block', hash })),
          frame(encodeRelayMessage({ kind: 'get-compact-block', hash: stage.largeBlock })),
        ])
        const stream = await attacker.relayStream()
        stream.pause()
        await flood(stream, () => messages, { chunks: 100_000, milliseconds: stage.many(1_000, 30_000) })
        await ended(stream, 200)
      }),
  },
]
