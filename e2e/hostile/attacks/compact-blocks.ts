/** Attacks with compact blocks: short ids that lie, transactions that are not the block's, and too many questions. */
import { toHex } from '@chain/core/bytes'
import {
  type Block,
  blockHash,
  createCompactBlock,
  decodeBlockTransactionsRequest,
  encodeBlockTransactions,
  encodeBlockTransactionsRequest,
  encodeCompactBlock,
  encodeHeader,
  encodeTransaction,
  formatHash,
  type Transaction,
} from '@chain/core/primitives'
import { solve } from '@chain/core/testing'
import { encodeRelayMessage } from '@chain/wire'
import { after, ended, flood } from '../flood.ts'
import type { Attack, Stage } from '../stage.ts'
import { frame, joined } from '../wire-bytes.ts'
import { blockWithTransactions } from './block-with-transactions.ts'
import { mineForged } from './chain.ts'

/** Seconds in which a block comes from others while a peer that gave its compact form withholds it, on a busy machine. */
const WITHHELD_PATIENCE = 20

/** Short ids that are all the same. */
const collisions = (count: number): number[] => Array.from({ length: count }, () => 7)

/** Something waits in the node's mempool: otherwise it asks for whole blocks. */
async function fillMempool({ builder, target }: Stage): Promise<void> {
  const coin = builder.spendable().at(-1)
  if (coin === undefined) throw new Error('The chain has coins.')
  const output = { value: coin[1].output.value - 1_000n, scriptPubKey: builder.key.script }
  const { mempool } = await target.status()
  if (mempool.transactions > 0) return
  await target.rpc('sendrawtransaction', toHex(encodeTransaction(builder.spend([coin], [output]))))
}

/**
 * Announces a block that nobody else has, gives its compact form with these short ids when it is asked for that, and answers every
 * question about it with `transactions`, or not at all; then the honest node publishes the block, which has to arrive in seconds.
 */
async function offerCompact(
  stage: Stage,
  shortIds: (block: Block) => readonly number[],
  transactions?: (block: Block, count: number) => readonly Transaction[],
): Promise<void> {
  await fillMempool(stage)
  const block = blockWithTransactions(stage)
  const hash = blockHash(block.header)
  let asked = 0
  await stage.as(stage.join({ block: () => undefined }), async (attacker) => {
    const channel = await attacker.relay()
    await channel.send({ kind: 'compact-mode', highBandwidth: true })
    await channel.send({ kind: 'new-block', header: encodeHeader(block.header) })
    const answer = async (): Promise<void> => {
      for await (const message of channel.messages) {
        if (message.kind === 'get-compact-block') {
          asked += 1
          const compact = { ...createCompactBlock(block, 1n), shortIds: shortIds(block) }
          await channel.send({ kind: 'compact-block', block: encodeCompactBlock(compact) })
        }
        if (message.kind !== 'get-block-transactions' || transactions === undefined) continue
        const { indexes } = decodeBlockTransactionsRequest(message.request)
        const given = { block: hash, transactions: transactions(block, indexes.length) }
        await channel.send({ kind: 'block-transactions', answer: encodeBlockTransactions(given) })
      }
    }
    // The node closes the channel of a peer that lies, which is what ends the answers.
    await Promise.race([answer().catch(() => undefined), after(500)])
    if (asked === 0) throw new Error('The node asked for no compact block.')
    const start = performance.now()
    await stage.publish(block)
    await stage.target.waitFor('the good block', ({ bestHash }) => bestHash === formatHash(hash))
    const seconds = (performance.now() - start) / 1_000
    if (seconds > WITHHELD_PATIENCE) throw new Error(`The good block took ${seconds} seconds.`)
  })
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
    title: 'compact blocks whose transactions are withheld',
    run: (stage) => offerCompact(stage, ({ transactions }) => transactions.slice(1).map((_, index) => index)),
  },
  {
    title: 'compact blocks that are invalid, and those that follow them',
    run: async (stage) => {
      await fillMempool(stage)
      const { liar, block } = mineForged(stage)
      const blocks = [block, ...Array.from({ length: 3 }, () => liar.mine())]
      const isOf = (hash: Uint8Array) => (one: Block) =>
        formatHash(blockHash(one.header)) === formatHash(hash)
      // Nobody is blamed for what many honest nodes pass on before it is connected: it takes several to tell all of it.
      for (let round = 0; round < 3; round++) {
        await stage.as(stage.join({ block: () => undefined }), async (attacker) => {
          const channel = await attacker.relay()
          const answer = async (): Promise<void> => {
            for await (const message of channel.messages) {
              const known = message.kind === 'get-compact-block' ? blocks.find(isOf(message.hash)) : undefined
              if (known === undefined) continue
              const compact = createCompactBlock(known, 1n)
              await channel.send({ kind: 'compact-block', block: encodeCompactBlock(compact) })
            }
          }
          const tell = async (): Promise<void> => {
            for (const { header } of blocks) {
              await channel.send({ kind: 'new-block', header: encodeHeader(header) })
            }
          }
          await Promise.race([Promise.all([answer(), tell()]).catch(() => undefined), after(700)])
        })
      }
      await stage.publish(stage.builder.mine())
    },
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
