import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { signSchnorr, tweakPrivateKey, xOnlyPublicKey } from '@chain/core/crypto'
import {
  checkPolicy,
  computeFee,
  computeFeeRate,
  defaultPolicy,
  dustLimit,
  FEE_CLASSES,
  MAX_ESTIMATE_BLOCKS,
  MAX_PRIORITIES,
  MAX_TRACKED,
  type PolicyCode,
  PolicyError,
  policyRules,
} from '@chain/core/mempool'
import { type Transaction, transactionLength, virtualSize } from '@chain/core/primitives'
import {
  nullDataScript,
  p2trScript,
  p2wpkhScript,
  SIGHASH_DEFAULT,
  SighashCache,
  taprootSighash,
} from '@chain/core/script'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { testNetwork } from '../networks.ts'
import { refusal } from '../refusal.ts'
import { openPool, outputOf } from './pools.ts'

const spec = testNetwork()
const payee = testKey('payee')
const base = ChainBuilder.create(spec)
base.mineEmpty(4)
const taproot = mineTaprootCoin()
const [coin, other] = base.spendable() as [PlacedCoin, PlacedCoin]
const all = coin[1].output.value

function pay(value: bigint, options: Parameters<ChainBuilder['spend']>[2] = {}): Transaction {
  return base.spend([coin], [{ value, scriptPubKey: payee.script }], options)
}

function payTo(scriptPubKey: Uint8Array, value = 1_000n): Transaction {
  return base.spend([coin], [{ value, scriptPubKey }])
}

/** Pays an ordinary output too, so that the transaction is long enough. */
function payBoth(scriptPubKey: Uint8Array): Transaction {
  return base.spend(
    [coin],
    [scriptPubKey, payee.script].map((script) => ({ value: 1_000n, scriptPubKey: script })),
  )
}

/** The policy by which a mempool refuses the last of these transactions. */
async function refused(
  transactions: readonly Transaction[],
  limits: Partial<typeof defaultPolicy> = {},
): Promise<PolicyError> {
  const { mempool } = await openPool(spec, base.blocks, { limits })
  let error: Error | undefined
  for (const transaction of transactions) {
    const outcome = await mempool.accept(transaction)
    error = outcome.status === 'refused' ? outcome.error : undefined
  }
  if (error instanceof PolicyError) return error
  throw new Error('The last transaction was not refused by policy.', { cause: error })
}

/** A chain of transactions, each spending the one before. */
function chainOf(length: number): Transaction[] {
  const transactions = [pay(all - 10_000n)]
  while (transactions.length < length) {
    const made = outputOf(transactions.at(-1) as Transaction)
    const outputs = [{ value: made[1].output.value - 10_000n, scriptPubKey: payee.script }]
    transactions.push(base.spend([made], outputs, { key: payee }))
  }
  return transactions
}

/** Pays all of a coin but a fee. */
function payFrom(from: PlacedCoin, fee: bigint, key = base.key): Transaction {
  return base.spend([from], [{ value: from[1].output.value - fee, scriptPubKey: payee.script }], { key })
}

/** Spends coins of the builder or, where they are outputs of payments, of the payee. */
function spendBoth(coins: readonly PlacedCoin[], fee: bigint): Transaction {
  const value = coins.reduce((sum, [, { output }]) => sum + output.value, 0n) - fee
  const halves = coins.map(([, { output }], index) => {
    const key = output.scriptPubKey.join() === payee.script.join() ? payee : base.key
    return base.spend(coins, [{ value, scriptPubKey: payee.script }], { key }).inputs[index]
  })
  const whole = base.spend(coins, [{ value, scriptPubKey: payee.script }])
  return { ...whole, inputs: halves as Transaction['inputs'] }
}

/** A transaction with some outputs, and one child of each. */
function familyOf(children: number): Transaction[] {
  const outputs = Array.from({ length: children }, () => ({ value: 10_000n, scriptPubKey: payee.script }))
  const parent = base.spend([coin], outputs)
  return [parent, ...outputs.map((_, index) => payFrom(outputOf(parent, index), 1_000n, payee))]
}

/** Mines a block that pays a taproot key. */
function mineTaprootCoin(): { privateKey: Uint8Array; placed: PlacedCoin } {
  const privateKey = tweakPrivateKey(payee.privateKey)
  const script = p2trScript(xOnlyPublicKey(privateKey))
  const payment = base.spend(base.spendable().slice(0, 1), [{ value: 100_000n, scriptPubKey: script }])
  base.mine({ transactions: [payment] })
  return { privateKey, placed: outputOf(payment) }
}

/** Spends the taproot coin, with an annex or without. */
function spendTaproot(annex?: Uint8Array): Transaction {
  const [previousOutput, { output }] = taproot.placed
  const unsigned: Transaction = {
    version: 2,
    inputs: [{ previousOutput, scriptSig: new Uint8Array(), sequence: 0, witness: [] }],
    outputs: [{ value: 90_000n, scriptPubKey: payee.script }],
    lockTime: 0,
  }
  const digest = taprootSighash(new SighashCache(unsigned, [output]), 0, SIGHASH_DEFAULT, annex) as Uint8Array
  const witness = [signSchnorr(digest, taproot.privateKey), ...(annex === undefined ? [] : [annex])]
  return { ...unsigned, inputs: unsigned.inputs.map((input) => ({ ...input, witness })) }
}

const policyCases: Record<PolicyCode, Record<string, () => Promise<PolicyError>>> = {
  'policy-coinbase': {
    'a coinbase': () => refused([base.blocks[0]?.transactions[0] as Transaction]),
  },
  'policy-version': {
    'version 0': () => refused([pay(1_000n, { version: 0 })]),
    'version 3': () => refused([pay(1_000n, { version: 3 })]),
    'a negative version': () => refused([pay(1_000n, { version: -2 })]),
  },
  'policy-too-small': {
    'as many bytes as two hashes': () => refused([payTo(nullDataScript(Uint8Array.of(1, 2)), 0n)]),
  },
  'policy-too-heavy': {
    'a weight above 400,000': () => {
      const outputs = Array.from({ length: 3_300 }, () => ({ value: 1_000n, scriptPubKey: payee.script }))
      return refused([base.spend([coin], outputs)])
    },
  },
  'policy-output-nonstandard': {
    'a public key hash of old': () =>
      refused([payTo(Uint8Array.of(0x76, 0xa9, 20, ...new Uint8Array(20), 0x88, 0xac))]),
    'an empty script': () => refused([payBoth(new Uint8Array())]),
    'OP_RETURN without a push': () => refused([payBoth(Uint8Array.of(0x6a))]),
    'OP_RETURN with two pushes': () => refused([payTo(Uint8Array.of(0x6a, 1, 0, 1, 0))]),
    'a witness program of another version': () =>
      refused([payTo(Uint8Array.of(0x52, 32, ...new Uint8Array(32)))]),
  },
  'policy-data-too-long': {
    'one byte too many': () => refused([payTo(nullDataScript(new Uint8Array(1_001)), 0n)]),
  },
  'policy-dust': {
    'one unit too few for P2WPKH': () => refused([payTo(payee.script, 293n)]),
    'one unit too few for taproot': () => refused([payTo(p2trScript(new Uint8Array(32)), 329n)]),
  },
  'policy-not-final': {
    'a lock time of the next height': () => refused([pay(1_000n, { lockTime: 6, sequence: 0xfffffffe })]),
  },
  'policy-immature': {
    'a coinbase that matures with the next block but one': () => {
      const coinbase = base.blocks.at(-1)?.transactions[0] as Transaction
      return refused([base.spend([outputOf(coinbase)], [{ value: 1_000n, scriptPubKey: payee.script }])])
    },
  },
  'policy-sequence-locked': {
    'a coin that must be a block older': () => refused([pay(1_000n, { sequence: 6 - coin[1].height + 1 })]),
  },
  'policy-fee-too-low': {
    'one unit below the minimum': () => {
      const fee = computeFee(defaultPolicy.minimumFeeRate, virtualSize(pay(all)))
      return refused([pay(all - fee + 1n)])
    },
  },
  'policy-below-mempool-minimum': {
    'what pays no more than what was evicted': async () => {
      const [poor, rich] = [
        pay(all - 200n),
        base.spend([other], [{ value: 1_000n, scriptPubKey: payee.script }]),
      ]
      return refused([poor, rich, pay(all - 201n)], { maxMempoolSize: 200 })
    },
  },
  'policy-annex': {
    'an annex beside a taproot signature': () => refused([spendTaproot(Uint8Array.of(0x50, 1))]),
  },
  'policy-replacement-spends-replaced': {
    'a coin that it would take away itself': () => {
      const first = pay(all - 10_000n)
      return refused([first, spendBoth([coin, outputOf(first)], 30_000n)])
    },
  },
  'policy-replacement-new-parent': {
    'a waiting transaction that nobody spent': () => {
      const [first, stranger] = [pay(all - 10_000n), payFrom(other, 10_000n)]
      return refused([first, stranger, spendBoth([coin, outputOf(stranger)], 90_000n)])
    },
  },
  'policy-replacement-rate-too-low': {
    'more for more bytes': () => {
      const outputs = Array.from({ length: 20 }, () => ({ value: 1_000n, scriptPubKey: payee.script }))
      outputs.push({ value: all - 20_000n - 13_000n, scriptPubKey: payee.script })
      return refused([pay(all - 10_000n), base.spend([coin], outputs)])
    },
    'the same rate': () => refused([pay(all - 10_000n), pay(all - 10_000n, { sequence: 1 })]),
  },
  'policy-replacement-fee-too-low': {
    'less than what goes with the conflict': () => {
      const first = pay(all - 10_000n)
      return refused([first, payFrom(outputOf(first), 10_000n, payee), pay(all - 19_999n)])
    },
  },
  'policy-replacement-relay-unpaid': {
    'one unit too few for its own relay': () => {
      const size = BigInt(virtualSize(pay(all)))
      return refused([pay(all - 10_000n), pay(all - 10_000n - size + 1n)])
    },
  },
  'policy-replacement-too-many': {
    'one more than allowed': () => {
      const first = pay(all - 10_000n)
      const second = payFrom(outputOf(first), 10_000n, payee)
      return refused([first, second, pay(1_000n)], { maxReplaced: 1 })
    },
  },
  'policy-too-many-ancestors': {
    'a child of 25 that wait': () => refused(chainOf(26)),
    'more parents than allowed': () => {
      const parents = [payFrom(coin, 10_000n), payFrom(other, 10_000n)]
      const child = spendBoth(
        [outputOf(parents[0] as Transaction), outputOf(parents[1] as Transaction)],
        20_000n,
      )
      return refused([...parents, child], { maxAncestors: 2 })
    },
  },
  'policy-ancestors-too-large': {
    'one byte too many with its parent': () => {
      const [parent, child] = chainOf(2) as [Transaction, Transaction]
      return refused([parent, child], { maxAncestorSize: virtualSize(parent) + virtualSize(child) - 1 })
    },
  },
  'policy-too-many-descendants': {
    'a parent of too many children': () => refused(familyOf(3), { maxDescendants: 3 }),
  },
  'policy-descendants-too-large': {
    'a child too many for the size': () => {
      const family = familyOf(2)
      const size = family.reduce((sum, transaction) => sum + virtualSize(transaction), 0)
      return refused(family, { maxDescendantSize: size - 1 })
    },
  },
  'policy-mempool-full': {
    'the lowest fee rate where there is no room': () => {
      const rich = base.spend([other], [{ value: 1_000n, scriptPubKey: payee.script }])
      return refused([rich, pay(all - 1_000n)], { maxMempoolSize: virtualSize(rich) + 10 })
    },
  },
}

describe.each(Object.keys(policyRules) as PolicyCode[])('%s', (code) => {
  const cases = Object.entries(policyCases[code])

  test('has a case that breaks it', () => {
    expect(cases.length).toBeGreaterThan(0)
  })

  test.each(cases)('refuses %s', async (_title, breakPolicy) => {
    const error = await breakPolicy()
    expect(error.code).toBe(code)
    expect(error.rule).toBe(policyRules[code])
    expect(error.message).toMatch(/^[A-Z].*\.$/)
    expect(error.message).not.toContain('undefined')
  })

  test('stands in docs/protocol/policy.md', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/protocol/policy.md'), 'utf8')
    expect(page).toContain(`\`${code}\``)
  })
})

describe('docs/limits.md', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/limits.md'), 'utf8')
  const section = page.split(/^## /m).find((part) => part.startsWith('Mempool\n')) ?? ''
  const stated = new Map(
    Array.from(section.matchAll(/^\| `(\w+)` \| ([\d,]+) \|/gm), ([, name, value = '']) => {
      return [name, Number(value.replaceAll(',', ''))]
    }),
  )

  test('states every number of the policy and of the mempool', () => {
    const numbers = Object.entries(defaultPolicy).map(([name, value]) => [name, Number(value)] as const)
    const bounds = { MAX_PRIORITIES, MAX_TRACKED, MAX_ESTIMATE_BLOCKS, FEE_CLASSES }
    expect(stated).toEqual(new Map([...numbers, ...Object.entries(bounds)]))
  })
})

describe('what policy lets pass', () => {
  test.each([
    ['a payment at the dust limit', payTo(payee.script, 294n)],
    ['a taproot output at the dust limit', payTo(p2trScript(new Uint8Array(32)), 330n)],
    ['1,000 bytes of data', payTo(nullDataScript(new Uint8Array(1_000)), 0n)],
    ['65 bytes', payTo(nullDataScript(Uint8Array.of(1, 2, 3)), 0n)],
    ['version 1', pay(1_000n, { version: 1 })],
  ])('%s', (_, transaction) => {
    expect(transactionLength(transaction, { witness: false })).toBeGreaterThanOrEqual(65)
    expect(() => checkPolicy(transaction, defaultPolicy)).not.toThrow()
  })

  test('a fee of exactly the minimum', async () => {
    const { mempool } = await openPool(spec, base.blocks)
    const fee = computeFee(defaultPolicy.minimumFeeRate, virtualSize(pay(all)))
    expect((await mempool.accept(pay(all - fee))).status).toBe('accepted')
  })

  test('a taproot signature', async () => {
    const { mempool } = await openPool(spec, base.blocks)
    expect((await mempool.accept(spendTaproot())).status).toBe('accepted')
  })

  test('a chain of 25', async () => {
    const { mempool } = await openPool(spec, base.blocks)
    for (const transaction of chainOf(25)) expect((await mempool.accept(transaction)).status).toBe('accepted')
    expect(mempool.count).toBe(25)
  })
})

describe('dustLimit', () => {
  test('has the numbers of Bitcoin Core', () => {
    expect(dustLimit(p2wpkhScript(new Uint8Array(20)))).toBe(294n)
    expect(dustLimit(p2trScript(new Uint8Array(32)))).toBe(330n)
  })

  test('is nothing where the rate is nothing', () => {
    expect(dustLimit(p2wpkhScript(new Uint8Array(20)), 0n)).toBe(0n)
  })
})

describe('fee rates', () => {
  test('round fees up and rates down', () => {
    expect(computeFee(1_000n, 141)).toBe(141n)
    expect(computeFee(1_001n, 141)).toBe(142n)
    expect(computeFeeRate(142n, 141)).toBe(1_007n)
  })
})

describe('refusal', () => {
  test('names the output', () => {
    expect(refusal(() => checkPolicy(payTo(payee.script, 1n), defaultPolicy)).data).toMatchObject({
      index: 0,
    })
  })
})
