/** Attacks with headers and blocks: without work, without parents, without end, or changed on the way. */
import { equalBytes } from '@chain/core/bytes'
import {
  type Block,
  type BlockHeader,
  blockHash,
  encodeBlock,
  encodeHeader,
  formatHash,
} from '@chain/core/primitives'
import { type ChainBuilder, solve } from '@chain/core/testing'
import type { GetHeaders, Status } from '@chain/wire'
import { ended } from '../flood.ts'
import type { Attack, Stage } from '../stage.ts'
import { blockWithTransactions } from './block-with-transactions.ts'

/** The status of somebody who has the chain of `builder`. */
function statusOf({ tip }: ChainBuilder, extraWork = 0n): Partial<Status> {
  return { tip: tip.hash, height: tip.height, work: tip.chainWork + extraWork }
}

/** Answers requests for headers from a chain, at most 2,000 at once. */
function headersFrom(headers: readonly BlockHeader[]): (request: GetHeaders) => Uint8Array[] {
  const hashes = headers.map(blockHash)
  return ({ locator }) => {
    const known = locator.map((other) => hashes.findIndex((hash) => equalBytes(hash, other)))
    const start = Math.max(-1, ...known) + 1
    return headers.slice(start, start + 2_000).map(encodeHeader)
  }
}

/** Follows `parent` with headers of the least work. */
function chainOfHeaders(parent: BlockHeader, count: number): BlockHeader[] {
  const headers: BlockHeader[] = []
  let last = parent
  for (let i = 0; i < count; i++) {
    const header = { ...last, previous: blockHash(last), time: last.time + 600, nonce: 0 }
    last = solve({ header, transactions: [] }).header
    headers.push(last)
  }
  return headers
}

/** Offers a block that nobody else has yet with another body, then publishes the good one. */
async function offerChanged(stage: Stage, block: Block, changed: Uint8Array): Promise<void> {
  const blocks = stage.builder.blocks
  const headers = headersFrom(blocks.map(({ header }) => header))
  let asked = 0
  const pretence = {
    status: statusOf(stage.builder),
    headers,
    block: (hash: Uint8Array) => {
      if (!equalBytes(hash, blockHash(block.header))) return undefined
      asked += 1
      return changed
    },
  }
  await stage.as(stage.join(pretence), async (attacker) => {
    await stage.eventually('send away who sends a changed block', async () => {
      if (asked === 0 || attacker.isConnected) throw new Error(`It has asked ${asked} times.`)
    })
  })
  await stage.publish(block)
  await stage.target.waitFor(
    'the good block',
    ({ bestHash }) => bestHash === formatHash(blockHash(block.header)),
  )
}

/** A block with an invalid signature, and the chain that it ends. */
export function mineForged({ builder }: Stage): { readonly liar: ChainBuilder; readonly block: Block } {
  const liar = builder.fork()
  const [coin] = liar.spendable()
  if (coin === undefined) throw new Error('The chain has coins.')
  const payment = liar.spend([coin], [{ value: 1_000n, scriptPubKey: liar.key.script }])
  const [input] = payment.inputs
  const [signature, key] = input?.witness ?? []
  if (input === undefined || signature === undefined || key === undefined) throw new Error('It is signed.')
  const other = signature.slice()
  other[12] = (other[12] ?? 0) ^ 1
  const forged = { ...payment, inputs: [{ ...input, witness: [other, key] }] }
  return { liar, block: liar.mine({ transactions: [forged] }) }
}

export const chainAttacks: readonly Attack[] = [
  {
    title: 'headers of low work without end',
    run: async (stage) => {
      const genesis = stage.builder.tip.ancestor(0).header
      for (let round = 0; round < stage.many(3, 30); round++) {
        const headers = chainOfHeaders({ ...genesis, time: genesis.time + round }, 100)
        const first = chainOfHeaders(genesis, 100)
        const status = { height: 1_000_000, work: 2n ** 60n }
        const answer = headersFrom(round === 0 ? first : headers)
        await stage.as(stage.join({ status, headers: answer }), async (attacker) => {
          await ended(attacker.connection, 500)
        })
      }
    },
  },
  {
    title: 'headers that never connect',
    run: async (stage) => {
      for (let round = 0; round < stage.many(3, 30); round++) {
        const unknown = { ...stage.builder.tip.header, previous: new Uint8Array(32).fill(round + 1) }
        const headers = chainOfHeaders(unknown, 300)
        const pretence = { status: { work: 2n ** 60n }, headers: () => headers.map(encodeHeader) }
        await stage.as(stage.join(pretence), async (attacker) => {
          const channel = await attacker.relay()
          const [first] = headers
          if (first === undefined) return
          for (let i = 0; i < 300; i++) {
            const header = encodeHeader({ ...first, nonce: first.nonce + i })
            await channel.send({ kind: 'new-block', header }).catch(() => undefined)
          }
          await ended(attacker.connection, 500)
        })
      }
    },
  },
  {
    title: 'headers without proof of work',
    run: async (stage) => {
      const { header } = stage.builder.tip
      const next = { ...header, previous: stage.builder.tip.hash, time: header.time + 600 }
      const worthless = Array.from({ length: 50 }, (_, nonce) => ({ ...next, nonce })).find(
        (candidate) => (blockHash(candidate)[31] ?? 0) > 0x7f,
      )
      if (worthless === undefined) throw new Error('Half of all hashes are no proof of work.')
      const pretence = { status: { work: 2n ** 60n }, headers: () => [encodeHeader(worthless)] }
      for (let round = 0; round < stage.many(3, 30); round++) {
        await stage.as(stage.join(pretence), async (attacker) => {
          if (!(await ended(attacker.connection, 10_000))) throw new Error('It may stay.')
        })
      }
    },
  },
  {
    title: 'a header whose body is withheld',
    run: async (stage) => {
      const hidden = stage.builder.fork()
      hidden.mine({ extraNonce: 7 })
      const headers = headersFrom(hidden.blocks.map(({ header }) => header))
      await stage.as(stage.join({ status: statusOf(hidden), headers }), async (attacker) => {
        await ended(attacker.connection, 1_000)
        await stage.publish(stage.builder.mine())
      })
    },
  },
  {
    title: 'a peer that answers one byte in a second',
    run: async (stage) => {
      const status = { work: 2n ** 60n, height: 1_000_000 }
      const headers = async (): Promise<Uint8Array[]> => {
        await new Promise((resolve) => setTimeout(resolve, 20_000).unref())
        return []
      }
      await stage.as(stage.join({ status, headers }), async () => await stage.expectHealth())
    },
  },
  {
    title: 'a block with a transaction twice, whose Merkle root is the same',
    run: async (stage) => {
      const block = blockWithTransactions(stage)
      const last = block.transactions.at(-1)
      if (last === undefined || block.transactions.length % 2 === 0) {
        throw new Error('The last of an odd number of transactions can stand twice.')
      }
      await offerChanged(stage, block, encodeBlock({ ...block, transactions: [...block.transactions, last] }))
    },
  },
  {
    title: 'a block with other witnesses, whose transactions have the same ids',
    run: async (stage) => {
      const block = blockWithTransactions(stage)
      const transactions = block.transactions.map((transaction, index) =>
        index === 0
          ? transaction
          : {
              ...transaction,
              inputs: transaction.inputs.map((input) => ({
                ...input,
                witness: [...input.witness, new Uint8Array(10)],
              })),
            },
      )
      await offerChanged(stage, block, encodeBlock({ ...block, transactions }))
    },
  },
  {
    title: 'a block without its witnesses',
    run: async (stage) => {
      const block = blockWithTransactions(stage)
      const transactions = block.transactions.map((transaction) => ({
        ...transaction,
        inputs: transaction.inputs.map((input) => ({ ...input, witness: [] })),
      }))
      await offerChanged(stage, block, encodeBlock({ ...block, transactions }))
    },
  },
  {
    title: 'another block than the one that was asked for',
    run: async (stage) => {
      const block = blockWithTransactions(stage)
      await offerChanged(stage, block, encodeBlock(stage.builder.blocks[0] as Block))
    },
  },
  {
    title: 'a block with bytes after its end',
    run: async (stage) => {
      const block = blockWithTransactions(stage)
      const longer = new Uint8Array(Buffer.concat([encodeBlock(block), Buffer.alloc(1_000)]))
      await offerChanged(stage, block, longer)
    },
  },
  {
    title: 'a block with an invalid signature',
    run: async (stage) => {
      const { liar, block } = mineForged(stage)
      const answer = headersFrom(liar.blocks.map(({ header }) => header))
      const pretence = {
        status: statusOf(liar),
        headers: answer,
        block: (hash: Uint8Array) =>
          equalBytes(hash, blockHash(block.header)) ? encodeBlock(block) : undefined,
      }
      await stage.as(stage.join(pretence), async (attacker) => {
        if (!(await ended(attacker.connection, 20_000))) throw new Error('It may stay.')
        const banned = await stage.target.rpc<{ address: string }[]>('listbanned')
        if (!JSON.stringify(banned).includes(attacker.host.peerId.toString())) {
          throw new Error('The sender of an invalid block is not banned.')
        }
      })
    },
  },
]
