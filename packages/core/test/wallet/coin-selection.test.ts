import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SelectionTask, selectCoins } from '../../src/wallet/index.ts'

interface Choice {
  readonly value: bigint
  readonly inputWeight: number
}

/** One unit of fee for each virtual byte: 11 for the frame, 31 for an output, 68 (67.75) for an input. */
function taskOf(values: readonly number[], amount: number, minimumChange = 294n): SelectionTask<Choice> {
  return {
    choices: values.map((value) => ({ value: BigInt(value), inputWeight: 271 })),
    amount: BigInt(amount),
    fee: (_, weight, withChange) => BigInt(Math.ceil((4 * (withChange ? 73 : 42) + 2 + weight) / 4)),
    minimumChange,
    changeInputWeight: 271,
  }
}

function valuesOf(task: SelectionTask<Choice>): number[] | undefined {
  return selectCoins(task)?.chosen.map(({ value }) => Number(value))
}

describe('coin selection', () => {
  it('finds coins that need no change', () => {
    const task = taskOf([10_000, 7_000, 5_000, 3_000], 8_000 - 190)
    expect(valuesOf(task)).toEqual([5_000, 3_000])
    expect(selectCoins(task)).toMatchObject({ change: 0n, fee: 190n })
  })

  it('takes one coin with change rather than many that match', () => {
    const many = Array<number>(20).fill(600)
    const amount = 20 * (600 - 69) - 42
    expect(valuesOf(taskOf(many, amount))).toHaveLength(20)
    expect(valuesOf(taskOf([...many, 50_000], amount))).toEqual([50_000])
  })

  it('takes the smallest coin that is enough where nothing matches', () => {
    const task = taskOf([100_000, 50_000, 20_000, 9_000], 10_000)
    expect(valuesOf(task)).toEqual([20_000])
    expect(selectCoins(task)).toMatchObject({ fee: 142n, change: 20_000n - 10_000n - 142n })
  })

  it('takes the largest coins first where no single one is enough', () => {
    expect(valuesOf(taskOf([100_000, 90_000, 80_000, 1_000], 150_000))).toEqual([100_000, 90_000])
  })

  it('makes change that is worth an output and leaves less to the fee', () => {
    const amount = 10_000
    const enough = amount + 73 + 69 + 294
    expect(selectCoins(taskOf([enough], amount))).toMatchObject({ change: 294n })
    expect(selectCoins(taskOf([enough - 1], amount))).toMatchObject({ change: 0n, fee: 73n + 69n + 293n })
  })

  it('spends a coin that covers amount and fee to the unit', () => {
    const amount = 10_000
    expect(selectCoins(taskOf([amount + 111], amount))).toMatchObject({ change: 0n, fee: 111n })
    expect(selectCoins(taskOf([amount + 110], amount))).toBeUndefined()
  })

  it('leaves coins alone that cost more to spend than they are worth', () => {
    expect(valuesOf(taskOf([60, 50, 20_000], 10_000))).toEqual([20_000])
    expect(valuesOf(taskOf([60, 50, 60, 60], 100))).toBeUndefined()
  })

  it('ends with many equal coins', () => {
    const task = taskOf(Array<number>(2_000).fill(1_000), 1_000_500)
    const selection = selectCoins(task)
    expect(selection).toBeDefined()
    expect(selection?.chosen.length).toBeLessThan(1_100)
  })

  it('balances to the unit, never makes dust, never leaves more than dust to the fee, and always answers alike', () => {
    const values = fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 30 })
    fc.assert(
      fc.property(values, fc.integer({ min: 300, max: 500_000 }), (coins, amount) => {
        const task = taskOf(coins, amount)
        const selection = selectCoins(task)
        expect(selectCoins(task)).toEqual(selection)
        if (selection === undefined) return
        const { chosen, fee, change } = selection
        expect(new Set(chosen).size).toBe(chosen.length)
        expect(chosen.reduce((sum, { value }) => sum + value, 0n)).toBe(task.amount + fee + change)
        const weight = 271 * chosen.length
        if (change === 0n) {
          expect(fee).toBeGreaterThanOrEqual(task.fee(chosen.length, weight, false))
          expect(fee).toBeLessThan(task.fee(chosen.length, weight, true) + 294n)
        } else {
          expect(change).toBeGreaterThanOrEqual(294n)
          expect(fee).toBe(task.fee(chosen.length, weight, true))
        }
      }),
    )
  })

  it('fails only when all economic coins together are not enough', () => {
    const values = fc.array(fc.integer({ min: 70, max: 5_000 }), { maxLength: 12 })
    fc.assert(
      fc.property(values, fc.integer({ min: 300, max: 30_000 }), (coins, amount) => {
        const sum = coins.reduce((total, value) => total + value, 0)
        const needed = amount + Number(taskOf([], 0).fee(coins.length, 271 * coins.length, false))
        expect(selectCoins(taskOf(coins, amount)) !== undefined).toBe(sum >= needed)
      }),
    )
  })
})
