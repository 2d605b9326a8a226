/** Attacks with transactions: too many, unasked, without parents, with wrong signatures. */
import { randomBytes } from 'node:crypto'
import { toHex } from '@chain/core/bytes'
import { encodeTransaction, type Transaction, txid } from '@chain/core/primitives'
import { requestSubmit } from '@chain/p2p'
import { encodeRelayMessage } from '@chain/wire'
import type { Attacker } from '../attacker.ts'
import { ended, flood } from '../flood.ts'
import type { Attack, Stage } from '../stage.ts'
import { frame } from '../wire-bytes.ts'

/** A transaction that spends what nobody has; another one for each call. */
function orphan(stage: Stage, length = 200): Transaction {
  return {
    version: 2,
    inputs: [
      {
        previousOutput: { txid: new Uint8Array(randomBytes(32)), index: 0 },
        scriptSig: new Uint8Array(),
        sequence: 0xffff_ffff,
        witness: [new Uint8Array(length)],
      },
    ],
    outputs: [{ value: 1_000n, scriptPubKey: stage.builder.key.script }],
    lockTime: 0,
  }
}

/** A transaction that spends a coin of the chain; another one for each number. */
function spending(stage: Stage, number: number, fee: bigint): Transaction {
  const [coin] = stage.builder.spendable()
  if (coin === undefined) throw new Error('The chain has coins.')
  const value = coin[1].output.value - fee
  return stage.builder.spend([coin], [{ value, scriptPubKey: stage.builder.key.script }], {
    lockTime: number,
  })
}

/** Signs with a key that is not the coin's. */
function forged(stage: Stage, number: number): Transaction {
  const transaction = spending(stage, number, 10_000n)
  const inputs = transaction.inputs.map((input) => {
    const [signature = new Uint8Array(), ...rest] = input.witness
    const other = signature.slice()
    other[10] = (other[10] ?? 0) ^ 1
    return { ...input, witness: [other, ...rest] }
  })
  return { ...transaction, inputs }
}

/** Announces transactions and sends those that are asked for; says how many were. */
async function relayAll(
  attacker: Attacker,
  transactions: readonly Transaction[],
  milliseconds: number,
): Promise<number> {
  const byId = new Map(transactions.map((transaction) => [toHex(txid(transaction)), transaction]))
  const ids = transactions.map(txid)
  const channel = await attacker.relay()
  let served = 0
  const answer = async (): Promise<void> => {
    for await (const message of channel.messages) {
      if (message.kind !== 'get-data') continue
      for (const id of message.transactions) {
        const transaction = byId.get(toHex(id))
        if (transaction === undefined) continue
        served += 1
        await channel.send({ kind: 'transaction', transaction: encodeTransaction(transaction) })
      }
      if (served === transactions.length) channel.abort(new Error('All is said.'))
    }
  }
  const timer = setTimeout(() => channel.abort(new Error('The attack is over.')), milliseconds)
  const answered = answer().catch(() => undefined)
  try {
    for (let start = 0; start < ids.length; start += 1_000) {
      await channel.send({ kind: 'inventory', transactions: ids.slice(start, start + 1_000) })
    }
  } catch (error) {
    if (attacker.isConnected && served === 0) throw error
  }
  await answered
  clearTimeout(timer)
  return served
}

export const transactionAttacks: readonly Attack[] = [
  {
    title: 'transactions by the hundred thousand',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const base = spending(stage, 1, 0n)
        const count = stage.many(100_000, 300_000)
        const transactions = Array.from({ length: count }, (_, lockTime) => ({ ...base, lockTime }))
        await relayAll(attacker, transactions, stage.many(3_000, 90_000))
      }),
  },
  {
    title: 'orphans without parents',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const count = stage.many(4_000, 50_000)
        const orphans = Array.from({ length: count }, () => orphan(stage))
        await relayAll(attacker, orphans, stage.many(1_500, 60_000))
      }),
  },
  {
    title: 'orphans as large as may be',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const orphans = Array.from({ length: stage.many(60, 500) }, () => orphan(stage, 390_000))
        await relayAll(attacker, orphans, stage.many(1_500, 60_000))
      }),
  },
  {
    title: 'transactions that nobody asked for',
    run: async (stage) => {
      for (let round = 0; round < stage.many(3, 50); round++) {
        await stage.as(stage.join(), async (attacker) => {
          const stream = await attacker.relayStream()
          const message = (): Uint8Array =>
            frame(
              encodeRelayMessage({
                kind: 'transaction',
                transaction: encodeTransaction(orphan(stage, 300_000)),
              }),
            )
          await flood(stream, message, { chunks: 200, milliseconds: 1_000 })
          await ended(stream, 1_000)
        })
      }
    },
  },
  {
    title: 'invalid signatures in transactions',
    run: async (stage) => {
      for (let round = 0; round < stage.many(3, 50); round++) {
        await stage.as(stage.join(), async (attacker) => {
          await relayAll(
            attacker,
            Array.from({ length: 50 }, (_, i) => forged(stage, round * 50 + i)),
            500,
          )
        })
      }
    },
  },
  {
    title: 'submitted transactions without end',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const end = performance.now() + stage.many(700, 20_000)
        const submit = (): Promise<unknown> =>
          requestSubmit(
            attacker.connection,
            stage.network.specId,
            encodeTransaction(orphan(stage, 200_000)),
            {
              timeout: 1_000,
            },
          )
        while (performance.now() < end) await Promise.allSettled(Array.from({ length: 4 }, submit))
      }),
  },
]
