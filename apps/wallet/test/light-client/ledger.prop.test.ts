import { bytesKey } from '@chain/core/bytes'
import { formatOutPoint, type Transaction } from '@chain/core/primitives'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ledger } from '../../src/light-client/ledger.ts'
import { account, coinbase, elsewhere, ours, outputOf, pay, theirs } from './transactions.ts'

/** A script of one of the addresses that are in view from the beginning, or of somebody else. */
const script = fc
  .tuple(fc.nat(19), fc.constantFrom('receive', 'change', 'theirs'))
  .map(([index, whose]) => (whose === 'theirs' ? theirs : ours(index, whose)))

const outputs = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), script), { minLength: 1, maxLength: 3 })

/** Blocks in which each transaction spends an output of an earlier one or of nobody known; no output is spent twice. */
const chains = fc
  .array(fc.array(fc.record({ outputs, spends: fc.nat(20) }), { maxLength: 3 }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((plans) => {
    const unspent: [Transaction, number][] = []
    let tag = 0
    return plans.map((plan, at) => {
      const mined = coinbase(at + 1, 50, at % 2 === 0 ? ours(at) : theirs)
      const transactions = plan.map(({ outputs, spends }) => {
        tag += 1
        const [spent] = spends < unspent.length ? unspent.splice(spends, 1) : []
        const transaction = pay([spent === undefined ? elsewhere(tag) : outputOf(...spent)], outputs, tag)
        outputs.forEach((_, index) => {
          unspent.push([transaction, index])
        })
        return transaction
      })
      return [mined, ...transactions]
    })
  })

function connectFrom(ledger: Ledger, blocks: readonly (readonly Transaction[])[], first: number): void {
  blocks.slice(first).forEach((transactions, at) => {
    ledger.connect({ height: first + at + 1, time: 0, transactions })
  })
}

function view(ledger: Ledger): unknown {
  const coins = ledger.confirmedCoins(100).map(({ outpoint }) => formatOutPoint(outpoint))
  return { history: ledger.history(), balance: ledger.balance(100), coins: coins.sort() }
}

describe('the ledger of any chain', () => {
  it('is the same after blocks were taken back and connected again', () => {
    fc.assert(
      fc.property(chains, fc.nat(8), (blocks, depth) => {
        const plain = new Ledger(account, 3)
        connectFrom(plain, blocks, 0)
        const moved = new Ledger(account, 3)
        connectFrom(moved, blocks, 0)
        const height = Math.max(0, blocks.length - depth)
        moved.disconnectAbove(height)
        connectFrom(moved, blocks, height)
        expect(view(moved)).toEqual(view(plain))
      }),
      { numRuns: 40 },
    )
  })

  it('is the same when only those blocks are looked at that pay or spend its filter scripts', () => {
    fc.assert(
      fc.property(chains, (blocks) => {
        const plain = new Ledger(account, 3)
        connectFrom(plain, blocks, 0)
        const filtered = new Ledger(account, 3)
        const made = new Map<string, Uint8Array>()
        for (const [at, transactions] of blocks.entries()) {
          const scripts = new Set<string>()
          for (const transaction of transactions) {
            for (const { previousOutput } of transaction.inputs) {
              scripts.add(bytesKey(made.get(formatOutPoint(previousOutput)) ?? theirs))
            }
            for (const [index, { scriptPubKey }] of transaction.outputs.entries()) {
              made.set(formatOutPoint(outputOf(transaction, index)), scriptPubKey)
              scripts.add(bytesKey(scriptPubKey))
            }
          }
          const matches = filtered.filterScripts()?.some((wanted) => scripts.has(bytesKey(wanted)))
          if (matches === true) filtered.connect({ height: at + 1, time: 0, transactions })
        }
        expect(view(filtered)).toEqual(view(plain))
      }),
      { numRuns: 40 },
    )
  })

  it('counts what a plain sum over all blocks counts', () => {
    fc.assert(
      fc.property(chains, (blocks) => {
        const ledger = new Ledger(account, 3)
        connectFrom(ledger, blocks, 0)
        const transactions = blocks.flat()
        const spent = new Set(
          transactions.flatMap(({ inputs }) => inputs.map((input) => formatOutPoint(input.previousOutput))),
        )
        let sum = 0n
        for (const transaction of transactions) {
          transaction.outputs.forEach(({ value, scriptPubKey }, index) => {
            const isSpent = spent.has(formatOutPoint(outputOf(transaction, index)))
            if (!isSpent && ledger.placeOf(scriptPubKey) !== undefined) sum += value
          })
        }
        const { confirmed, pending, immature } = ledger.balance(blocks.length)
        expect(confirmed + pending + immature).toBe(sum)
      }),
      { numRuns: 40 },
    )
  })

  it('counts every coin once: its balance is the sum of its history', () => {
    fc.assert(
      fc.property(chains, (blocks) => {
        const ledger = new Ledger(account, 3)
        connectFrom(ledger, blocks, 0)
        const { confirmed, pending, immature } = ledger.balance(blocks.length)
        const history = ledger.history().reduce((sum, { amount }) => sum + amount, 0n)
        expect(confirmed + pending + immature).toBe(history)
      }),
      { numRuns: 40 },
    )
  })
})
