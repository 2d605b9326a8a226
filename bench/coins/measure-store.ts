/**
 * Opens a data directory that is full of coins, looks coins up, writes some, and prints what it took, as JSON.
 *
 * Arguments: data directory, number of coins, and `write` if coins are to be written.
 */
import { readFileSync } from 'node:fs'
import type { Coin, OutPoint } from '@chain/core/primitives'
import { openStore } from '@chain/storage'
import { outpointsOf, pairCoins } from './sample-coins.ts'

/** Look-ups in each round. */
const LOOK_UPS = 50_000
const GROUPS = 4
/** Coins that a group makes, and as many that it takes away. */
const HALF_GROUP = 25_000

/** What one run found; rates are per second, sizes in bytes, times in milliseconds. */
export interface CoinMeasurements {
  /** From the call of `openStore` to the open store. */
  readonly open: number
  readonly firstLookUps: number
  readonly lookUps: number
  readonly cachedLookUps: number
  /** Memory after the look-ups. */
  readonly memory: Memory
  /** `undefined` where nothing was to be written. */
  readonly written: { readonly changes: number; readonly memory: Memory } | undefined
}

/** Resident memory, and the part of it that is not pages of files; `undefined` where the system does not tell. */
export interface Memory {
  readonly all: number
  readonly own: number | undefined
}

const [, , directory = '', count = '', mode] = process.argv
console.log(JSON.stringify(await measure(Number(count), mode === 'write')))

async function measure(total: number, writes: boolean): Promise<CoinMeasurements> {
  const start = performance.now()
  const store = await openStore({ directory, specId: '0a1b2c3d' })
  const open = performance.now() - start
  const { chainStore } = store
  const look = (points: readonly OutPoint[]): Promise<number> =>
    rateOf(points.length, () => {
      for (const point of points)
        if (chainStore.readCoin(point) === undefined) throw new Error('A coin is missing.')
    })
  const points = outpointsOf(spreadNumbers(total, 2 * LOOK_UPS))
  const firstLookUps = await look(points.slice(0, LOOK_UPS))
  const lookUps = await look(points.slice(LOOK_UPS))
  const cachedLookUps = await look(points.slice(LOOK_UPS))
  const memory = readMemory()
  const commitGroups = async (): Promise<void> => {
    for (let group = 0; group < GROUPS; group++) await chainStore.commit({ coins: changesOf(total, group) })
  }
  const changes = writes ? await rateOf(GROUPS * 2 * HALF_GROUP, commitGroups) : 0
  const written = writes ? { changes, memory: readMemory() } : undefined
  await store.close()
  return { open, firstLookUps, lookUps, cachedLookUps, memory, written }
}

function changesOf(total: number, group: number): (readonly [OutPoint, Coin | undefined])[] {
  const gone = spreadNumbers(total, GROUPS * HALF_GROUP).slice(group * HALF_GROUP, (group + 1) * HALF_GROUP)
  const made = Array.from({ length: HALF_GROUP }, (_, index) => total + group * HALF_GROUP + index)
  return [...outpointsOf(gone).map((outpoint) => [outpoint, undefined] as const), ...pairCoins(made)]
}

/** Different numbers below `total`, all over it. */
function spreadNumbers(total: number, length: number): number[] {
  return Array.from({ length: Math.min(total, length) }, (_, index) => (index * 982_451_653 + 12_345) % total)
}

async function rateOf(count: number, work: () => void | Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return count / ((performance.now() - start) / 1_000)
}

function readMemory(): Memory {
  const { rss } = process.memoryUsage()
  return { all: rss, own: readOwnMemory() }
}

function readOwnMemory(): number | undefined {
  try {
    const [, kibibytes] = /^RssAnon:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024
  } catch {
    // This is not Linux.
    return undefined
  }
}
