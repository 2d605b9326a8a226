/**
 * Fills a data directory with coins, in groups, and prints how long the groups took.
 *
 * Arguments: data directory, number of coins.
 */
import { openStore } from '@chain/storage'
import { pairCoins } from './sample-coins.ts'

const GROUP = 100_000

const [, , directory = '', count = ''] = process.argv
const total = Number(count)
const store = await openStore({ directory, specId: '0a1b2c3d', cacheSize: 0 })
const start = performance.now()
for (let first = 0; first < total; first += GROUP) {
  const numbers = Array.from({ length: Math.min(GROUP, total - first) }, (_, index) => first + index)
  await store.chainStore.commit({ coins: pairCoins(numbers) })
}
const seconds = (performance.now() - start) / 1_000
await store.close()
console.log(JSON.stringify({ seconds }))
