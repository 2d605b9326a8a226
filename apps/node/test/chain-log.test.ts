import { ManualClock } from '@chain/core/testing'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { type ChainFacts, ChainLog } from '../src/chain-log.ts'

/** A log that is looked at each second, `facts` being what it sees, and the lines it wrote. */
function watch(first: Partial<ChainFacts>): {
  readonly lines: Record<string, unknown>[]
  pass(seconds: number, changes?: Partial<ChainFacts>): void
} {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) })
  const clock = new ManualClock(1_000)
  let facts: ChainFacts = {
    state: 'synced',
    height: 7,
    headers: 7,
    bestHash: 'hash 7',
    transactions: 1,
    peers: 2,
    ...first,
  }
  const chainLog = new ChainLog(() => facts, log, clock.now)
  const pass = (seconds: number, changes: Partial<ChainFacts> = {}): void => {
    facts = { ...facts, ...changes }
    for (let second = 0; second < seconds; second += 1) {
      chainLog.look()
      clock.advance(1)
    }
  }
  return { lines, pass }
}

const tip = (height: number): Partial<ChainFacts> => ({ height, headers: height, bestHash: `hash ${height}` })

it('a new tip of a synced node is told once', () => {
  const { lines, pass } = watch({})
  pass(3)
  pass(20, { ...tip(8), transactions: 4 })
  expect(lines).toEqual([
    { level: 30, height: 8, hash: 'hash 8', transactions: 4, peers: 2, msg: 'A new tip' },
  ])
})

it('new tips that follow each other quickly share a line', () => {
  const { lines, pass } = watch({})
  for (let height = 7; height <= 16; height += 1) pass(1, tip(height))
  pass(10)
  expect(lines.map(({ height, blocks }) => [height, blocks])).toEqual([
    [8, undefined],
    [13, 5],
    [16, 3],
  ])
})

it('a block on its way is no sync, and its tip is told', () => {
  const { lines, pass } = watch({})
  pass(5)
  pass(1, { state: 'syncing', headers: 8 })
  pass(5, { state: 'synced', ...tip(8) })
  expect(lines).toMatchObject([{ height: 8, msg: 'A new tip' }])
})

it('a node that syncs tells its progress every ten seconds, and its last tip no more', () => {
  const { lines, pass } = watch({ state: 'syncing', height: 0, headers: 2_000 })
  pass(10)
  pass(10, { height: 500 })
  pass(5, { height: 1_200 })
  pass(10, { state: 'synced', ...tip(2_000) })
  expect(lines).toEqual([
    {
      level: 30,
      height: 500,
      headers: 2_000,
      blocksPerSecond: 50,
      secondsLeft: 30,
      peers: 2,
      msg: 'Syncing',
    },
    {
      level: 30,
      height: 1_200,
      headers: 2_000,
      blocksPerSecond: 70,
      secondsLeft: 12,
      peers: 2,
      msg: 'Syncing',
    },
  ])
})

it('a node that gets no blocks makes no promise', () => {
  const { lines, pass } = watch({ state: 'syncing', height: 0, headers: 2_000 })
  pass(11)
  expect(lines).toMatchObject([{ height: 0, headers: 2_000, blocksPerSecond: 0 }])
  expect(lines[0]).not.toHaveProperty('secondsLeft')
})
