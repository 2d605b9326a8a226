import {
  checkBlock,
  checkTransaction,
  MAX_BASE_LENGTH,
  MAX_BLOCK_WEIGHT,
  MAX_FUTURE_SECONDS,
  MAX_SIGOPS_COST,
  medianTimePast,
} from '@chain/core/consensus'
import {
  type Block,
  blockLength,
  blockWeight,
  NULL_INDEX,
  type Transaction,
  transactionLength,
  ZERO_HASH,
} from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { MAX_AMOUNT } from '@chain/core/units'
import { describe, expect, test } from 'vitest'
import { append, withCoinbase, withCoinbaseScript, withHeader } from '../block-changes.ts'
import { openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'
import { refusal } from '../refusal.ts'

const spec = testNetwork()
const base = ChainBuilder.create(spec)
base.mineEmpty(5)
const [coin] = base.spendable() as [PlacedCoin]
const payee = testKey('payee').script
const payment = base.spend([coin], [{ value: 1_000n, scriptPubKey: payee }])

/** What becomes of a block that is changed before its work is made. */
async function statusOf(spoil: (block: Block) => Block, clock?: number): Promise<string> {
  const options = clock === undefined ? {} : { clock: () => clock }
  const chain = await openChain(spec, base.blocks, options)
  const outcome = await chain.acceptBlock(base.fork().mine({ spoil }))
  return outcome.status === 'invalid' ? outcome.error.code : outcome.status
}

/** Fills an output of the coinbase with bytes until `measure` is `goal`. */
function fill(measure: (block: Block) => number, goal: number, byte = 0): (block: Block) => Block {
  return (block) => {
    const filled = (length: number): Block => {
      const scriptPubKey = new Uint8Array(length).fill(byte)
      return withCoinbase((coinbase) => ({
        ...coinbase,
        outputs: [...coinbase.outputs, { value: 0n, scriptPubKey }],
      }))(block)
    }
    const step = (measure(filled(200_000)) - measure(filled(100_000))) / 100_000
    const result = filled(200_000 + (goal - measure(filled(200_000))) / step)
    expect(measure(result)).toBe(goal)
    return result
  }
}

const baseLength = (block: Block): number => blockLength(block, { witness: false })

describe('what just fits', () => {
  test('is a transaction of 1,000,000 bytes', () => {
    const filled = (length: number): Transaction => {
      return { ...payment, outputs: [{ value: 0n, scriptPubKey: new Uint8Array(length) }] }
    }
    const rest = transactionLength(filled(100_000), { witness: false }) - 100_000
    expect(() => checkTransaction(filled(MAX_BASE_LENGTH - rest))).not.toThrow()
    expect(refusal(() => checkTransaction(filled(MAX_BASE_LENGTH - rest + 1))).code).toBe(
      'transaction-too-large',
    )
  })

  test('is a block of 1,000,000 bytes without witnesses', async () => {
    // The coinbase's witness is taken out of the weight by leaving its commitment away.
    const bare = withCoinbase((coinbase) => ({
      ...coinbase,
      inputs: coinbase.inputs.map((input) => ({ ...input, witness: [] })),
      outputs: coinbase.outputs.slice(0, 1),
    }))
    expect(await statusOf((block) => fill(baseLength, MAX_BASE_LENGTH)(bare(block)))).toBe('connected')
    expect(await statusOf((block) => fill(baseLength, MAX_BASE_LENGTH + 1)(bare(block)))).toBe(
      'block-too-large',
    )
  })

  test('is a block of 4,000,000 units of weight', async () => {
    expect(await statusOf(fill(blockWeight, MAX_BLOCK_WEIGHT))).toBe('connected')
    expect(await statusOf(fill(blockWeight, MAX_BLOCK_WEIGHT + 4))).toBe('block-weight-too-large')
  })

  test('is a block with signature operations of 80,000', async () => {
    const count = MAX_SIGOPS_COST / 4
    const scriptPubKey = new Uint8Array(count).fill(0xac)
    const full = withCoinbase((coinbase) => ({
      ...coinbase,
      outputs: [...coinbase.outputs, { value: 0n, scriptPubKey }],
    }))
    expect(await statusOf(full)).toBe('connected')
    const oneLess = withCoinbase((coinbase) => ({
      ...coinbase,
      outputs: [...coinbase.outputs, { value: 0n, scriptPubKey: scriptPubKey.subarray(1) }],
    }))
    expect(await statusOf((block) => append(payment)(oneLess(block)))).toBe('connected')
    expect(await statusOf((block) => append(payment)(full(block)))).toBe('block-sigops-too-many')
  })

  test('counts signature operations in the scripts of inputs too', () => {
    const block = base.fork().mine()
    const [coinbase] = block.transactions as [Transaction]
    const scriptSig = new Uint8Array(MAX_SIGOPS_COST / 4 + 1).fill(0xac)
    const heavy = { ...payment, inputs: payment.inputs.map((input) => ({ ...input, scriptSig })) }
    const changed = base.fork().mine({ spoil: () => ({ ...block, transactions: [coinbase, heavy] }) })
    expect(refusal(() => checkBlock(changed)).code).toBe('block-sigops-too-many')
  })

  test('is a coinbase script of 2 or of 100 bytes', async () => {
    expect(await statusOf(withCoinbaseScript(Uint8Array.of(0x56, 0)))).toBe('connected')
    expect(await statusOf(withCoinbaseScript(Uint8Array.of(0x56, ...new Uint8Array(99))))).toBe('connected')
  })

  test('is a header of version 4', async () => {
    expect(await statusOf(withHeader({ version: 4 }))).toBe('connected')
  })

  test('is a time right after the median, or two hours ahead of the clock', async () => {
    const median = medianTimePast(base.tip)
    expect(await statusOf(withHeader({ time: median + 1 }))).toBe('connected')
    const clock = base.tip.header.time
    expect(await statusOf(withHeader({ time: clock + MAX_FUTURE_SECONDS }), clock)).toBe('connected')
  })

  test('is an output, or outputs, of all the coins there can be', () => {
    const outputs = (...values: bigint[]): Transaction => {
      return { ...payment, outputs: values.map((value) => ({ value, scriptPubKey: payee })) }
    }
    expect(() => checkTransaction(outputs(MAX_AMOUNT))).not.toThrow()
    expect(() => checkTransaction(outputs(MAX_AMOUNT - 5n, 5n, 0n))).not.toThrow()
  })

  test('is a transaction that leaves no fee', async () => {
    const { value } = coin[1].output
    expect(await statusOf(append(base.spend([coin], [{ value, scriptPubKey: payee }])))).toBe('connected')
  })

  test('is a relative lock that ends with the block', async () => {
    const sequence = 6 - coin[1].height
    const locked = base.spend([coin], [{ value: 1n, scriptPubKey: payee }], { sequence })
    expect(await statusOf(append(locked))).toBe('connected')
  })

  test('is a lock time below the height', async () => {
    const options = { lockTime: 5, sequence: 0xfffffffe }
    const locked = base.spend([coin], [{ value: 1n, scriptPubKey: payee }], options)
    expect(await statusOf(append(locked))).toBe('connected')
  })

  test('is a block without commitment and without witnesses', async () => {
    const bare = withCoinbase((coinbase) => ({
      ...coinbase,
      inputs: coinbase.inputs.map((input) => ({ ...input, witness: [] })),
      outputs: coinbase.outputs.slice(0, 1),
    }))
    expect(await statusOf(bare)).toBe('connected')
  })
})

test('a null outpoint is refused in the first place of several too', () => {
  const previousOutput = { txid: ZERO_HASH, index: NULL_INDEX }
  const inputs = payment.inputs.flatMap((input) => [{ ...input, previousOutput }, input])
  expect(refusal(() => checkTransaction({ ...payment, inputs })).code).toBe('transaction-input-null')
})
