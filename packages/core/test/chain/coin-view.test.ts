import { CoinView } from '@chain/core/chain'
import type { Coin, OutPoint } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'

const outpoint = (seed: number): OutPoint => ({ txid: new Uint8Array(32).fill(seed), index: seed })
const coin = (value: bigint): Coin => ({
  output: { value, scriptPubKey: new Uint8Array() },
  height: 1,
  isCoinbase: false,
})

function viewOf(...known: number[]): CoinView {
  return new CoinView(({ index }) => (known.includes(index) ? coin(BigInt(index)) : undefined))
}

function changesOf(view: CoinView): (readonly [number, bigint | undefined])[] {
  return Array.from(view.changes(), ([{ index }, changed]) => [index, changed?.output.value] as const)
}

describe('a coin view', () => {
  test('shows what lies below it, and changes nothing by looking', () => {
    const view = viewOf(1)
    expect(view.get(outpoint(1))?.output.value).toBe(1n)
    expect(view.get(outpoint(2))).toBeUndefined()
    expect(changesOf(view)).toEqual([])
  })

  test('spends a coin once', () => {
    const view = viewOf(1)
    expect(view.spend(outpoint(1))?.output.value).toBe(1n)
    expect(view.spend(outpoint(1))).toBeUndefined()
    expect(view.get(outpoint(1))).toBeUndefined()
    expect(view.spend(outpoint(2))).toBeUndefined()
    expect(changesOf(view)).toEqual([[1, undefined]])
  })

  test('has no trace of a coin that was made and spent in it', () => {
    const view = viewOf()
    view.add(outpoint(7), coin(7n))
    expect(view.get(outpoint(7))?.output.value).toBe(7n)
    view.spend(outpoint(7))
    expect(view.get(outpoint(7))).toBeUndefined()
    expect(changesOf(view)).toEqual([])
  })

  test('puts back what was spent, and tells it as a coin', () => {
    const view = viewOf(1)
    view.spend(outpoint(1))
    view.add(outpoint(1), coin(1n))
    expect(changesOf(view)).toEqual([[1, 1n]])
    view.spend(outpoint(1))
    expect(changesOf(view)).toEqual([[1, undefined]])
  })

  test('tells two outputs of one transaction apart', () => {
    const view = viewOf()
    const txid = new Uint8Array(32)
    view.add({ txid, index: 0 }, coin(1n))
    view.add({ txid, index: 65_536 }, coin(2n))
    expect(view.get({ txid, index: 65_536 })?.output.value).toBe(2n)
    expect(view.get({ txid, index: 1 })).toBeUndefined()
  })

  test('is taken back to a mark, whatever happened since', () => {
    const view = viewOf(1, 2)
    view.add(outpoint(7), coin(7n))
    view.spend(outpoint(1))
    const before = changesOf(view)
    const mark = view.mark()
    view.rollBack(mark)
    expect(changesOf(view)).toEqual(before)

    view.spend(outpoint(2))
    view.spend(outpoint(7))
    view.add(outpoint(1), coin(1n))
    view.add(outpoint(8), coin(8n))
    view.spend(outpoint(8))
    view.rollBack(mark)
    expect(new Set(changesOf(view).map(String))).toEqual(new Set(before.map(String)))
    expect(view.get(outpoint(2))?.output.value).toBe(2n)
    // A coin that was made in the view leaves no trace, also after it was put back.
    view.spend(outpoint(7))
    expect(changesOf(view)).toEqual([[1, undefined]])
  })
})
