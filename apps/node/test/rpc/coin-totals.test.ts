import type { Coin, OutPoint } from '@chain/core/primitives'
import { expect, it } from 'vitest'
import { sumCoins } from '../../src/rpc/coin-totals.ts'

const coin: Coin = {
  output: { value: 7n, scriptPubKey: new Uint8Array(22) },
  height: 1,
  isCoinbase: false,
}

/** So many coins, three of each transaction. */
function* coinsOf(all: number): Generator<readonly [OutPoint, Coin]> {
  for (let count = 0; count < all; count++) {
    const txid = new Uint8Array(32)
    new DataView(txid.buffer).setUint32(0, Math.floor(count / 3))
    yield [{ txid, index: count % 3 }, coin]
  }
}

it('coins are added up in turns, until nobody wants to know any more', async () => {
  const controller = new AbortController()
  let turns = 0
  const count = (): void => {
    turns += 1
    if (turns === 5) controller.abort()
    else setImmediate(count)
  }
  setImmediate(count)
  const sum = sumCoins(coinsOf(Number.POSITIVE_INFINITY), true, controller.signal)
  await expect(sum).rejects.toMatchObject({ name: 'AbortError' })
  expect(turns).toBe(5)
})

it('coins of one transaction count as one of it, and nothing is as good as nothing', async () => {
  const { signal } = new AbortController()
  const coins = [...coinsOf(7)]
  expect(await sumCoins(coins, false, signal)).toEqual({
    coins: 7,
    transactions: 3,
    amount: 49n,
    bogosize: 7 * 72,
    hash: undefined,
  })
  expect(await sumCoins([], true, signal)).toMatchObject({ coins: 0, transactions: 0, amount: 0n })
})
