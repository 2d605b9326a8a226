import { describe, expect, it } from 'vitest'
import {
  type ChainView,
  SyncPlanner,
  type SyncPlannerLimits,
  syncPlannerLimits,
  type WantedBlock,
} from '../../src/sync/sync-planner.ts'

const limits: SyncPlannerLimits = {
  ...syncPlannerLimits,
  window: 8,
  batch: 3,
  downloads: 1,
  patience: 100,
  longestPatience: 300,
  headersPatience: 100,
  rest: 10,
  longestRest: 40,
}

const hash = (height: number): Uint8Array => new Uint8Array(32).fill(height)

const block = (height: number): WantedBlock => ({ hash: hash(height), chainWork: BigInt(height) })

/** Headers up to `best`, of which the bodies above `tip` are missing. */
function chainOf(best: number, tip: number = best): ChainView {
  const missing = Array.from({ length: best - tip }, (_, index) => block(tip + 1 + index))
  return { work: BigInt(best), isBusy: false, missing: (limit) => missing.slice(0, limit) }
}

const status = (peer: string, work: number) => ({ type: 'peer-status', peer, work: BigInt(work) }) as const

const getHeaders = (peer: string) => ({ type: 'get-headers', peer }) as const

const getBlocks = (peer: string, ...heights: number[]) => ({
  type: 'get-blocks',
  peer,
  blocks: heights.map(block),
})

const received = (peer: string, work: number, last?: Uint8Array) =>
  last === undefined
    ? ({ type: 'headers-received', peer, work: BigInt(work), more: false } as const)
    : ({ type: 'headers-received', peer, work: BigInt(work), more: true, last } as const)

describe('headers', () => {
  it('are asked from a peer that claims more work', () => {
    const planner = new SyncPlanner(limits)
    expect(planner.handle(status('a', 5), chainOf(4), 0)).toEqual([getHeaders('a')])
    expect(planner.phase(chainOf(4))).toBe('headers')
  })

  it('are not asked from a peer that claims no more', () => {
    const planner = new SyncPlanner(limits)
    expect(planner.handle(status('a', 4), chainOf(4), 0)).toEqual([])
    expect(planner.phase(chainOf(4))).toBe('synced')
  })

  it('are asked from one peer at a time', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 5), chainOf(0), 0)
    expect(planner.handle(status('b', 9), chainOf(0), 0)).toEqual([])
  })

  it('go on after the last one while there are more', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(0), 0)
    const next = { type: 'get-headers', peer: 'a', after: hash(4) }
    expect(planner.handle(received('a', 4, hash(4)), chainOf(4, 0), 0)).toEqual([next])
  })

  it('go on even where they are known already', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(3), 0)
    const next = { type: 'get-headers', peer: 'a', after: hash(2) }
    expect(planner.handle(received('a', 2, hash(2)), chainOf(9), 0)).toEqual([next])
  })

  it('are not asked again from a peer that has no more, until it claims more', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 5), chainOf(4), 0)
    expect(planner.handle(received('a', 5), chainOf(5), 0)).toEqual([])
    expect(planner.handle(status('a', 5), chainOf(5), 0)).toEqual([])
    expect(planner.handle(status('a', 6), chainOf(5), 0)).toEqual([getHeaders('a')])
  })

  it('are asked later and later from a peer that claims work again and again and does not show it', () => {
    const planner = new SyncPlanner(limits)
    const asked: number[] = []
    for (let now = 0; now <= 200; now++) {
      if (planner.handle(status('liar', 99 + now), chainOf(4), now).length === 0) continue
      asked.push(now)
      planner.handle(received('liar', 4), chainOf(4), now)
    }
    expect(asked).toEqual([0, 10, 30, 70, 110, 150, 190])
  })

  it('are asked from those who came first, whatever others claim', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('busy', 5), chainOf(4), 0)
    planner.handle(status('honest', 6), chainOf(4), 0)
    planner.handle(status('liar', 99), chainOf(4), 0)
    expect(planner.handle(received('busy', 5), chainOf(5), 0)).toEqual([getHeaders('honest')])
  })

  it('are asked from another peer when one is slow', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('slow', 9), chainOf(0), 0)
    planner.handle(status('b', 5), chainOf(0), 50)
    expect(planner.nextMoment(50)).toBe(100)
    expect(planner.handle({ type: 'look-again' }, chainOf(0), 100)).toEqual([getHeaders('b')])
  })

  it('are asked from another peer when one fails', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(0), 0)
    planner.handle(status('b', 5), chainOf(0), 0)
    const failed = { type: 'request-failed', peer: 'a', request: 'get-headers' } as const
    expect(planner.handle(failed, chainOf(0), 1)).toEqual([getHeaders('b')])
  })

  it('are asked from a peer that announced a header we cannot connect, whatever its work', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 3), chainOf(4), 0)
    const announced = { type: 'header-announced', peer: 'a' } as const
    expect(planner.handle(announced, chainOf(4), 0)).toEqual([getHeaders('a')])
    expect(planner.handle(received('a', 3), chainOf(4), 0)).toEqual([])
  })
})

describe('blocks', () => {
  it('do not wait for ever for peers that take turns to claim work and do not show it', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('liar 0', 99), chainOf(9, 0), 0)
    planner.handle(status('honest', 9), chainOf(9, 0), 0)
    const asked: unknown[] = []
    for (let turn = 1; turn <= 10; turn++) {
      const now = turn * 10
      asked.push(...planner.handle(status(`liar ${turn}`, 99), chainOf(9, 0), now))
      asked.push(...planner.handle(received(`liar ${turn - 1}`, 9), chainOf(9, 0), now))
    }
    expect(asked).toContainEqual(getBlocks('honest', 1, 2, 3))
  })

  it('wait for headers, but not for ever', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(4), 0)
    expect(planner.handle(status('b', 4), chainOf(4, 0), 50)).toEqual([])
    expect(planner.handle({ type: 'look-again' }, chainOf(4, 0), 100)).toEqual([getBlocks('a', 1, 2, 3)])
  })

  it('are asked lowest first, in batches', () => {
    const planner = new SyncPlanner(limits)
    expect(planner.handle(status('a', 9), chainOf(9, 2), 0)).toEqual([getBlocks('a', 3, 4, 5)])
    const done = { type: 'blocks-received', peer: 'a', lacking: [] } as const
    expect(planner.handle(done, chainOf(9, 5), 1)).toEqual([getBlocks('a', 6, 7, 8)])
    expect(planner.phase(chainOf(9, 5))).toBe('blocks')
  })

  it('come from as many peers at once as allowed, each block from one', () => {
    const planner = new SyncPlanner({ ...limits, downloads: 2 })
    expect(planner.handle(status('a', 9), chainOf(9, 0), 0)).toEqual([getBlocks('a', 1, 2, 3)])
    expect(planner.handle(status('b', 9), chainOf(9, 0), 0)).toEqual([getBlocks('b', 4, 5, 6)])
    expect(planner.handle(status('c', 9), chainOf(9, 0), 0)).toEqual([])
  })

  it('are not asked beyond the window', () => {
    const planner = new SyncPlanner({ ...limits, downloads: 9, batch: 5 })
    planner.handle(status('a', 20), chainOf(20, 0), 0)
    expect(planner.handle(status('b', 20), chainOf(20, 0), 0)).toEqual([getBlocks('b', 6, 7, 8)])
    expect(planner.handle(status('c', 20), chainOf(20, 0), 0)).toEqual([])
  })

  it('are not asked from a peer whose chain has too little work', () => {
    const planner = new SyncPlanner(limits)
    expect(planner.handle(status('a', 2), chainOf(9, 0), 0)).toEqual([getBlocks('a', 1, 2)])
    expect(planner.handle(status('b', 2), chainOf(9, 2), 0)).toEqual([])
    expect(planner.phase(chainOf(9, 2))).toBe('blocks')
  })

  it('that a peer does not have are asked from another one', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(9, 7), 0)
    planner.handle(status('b', 9), chainOf(9, 7), 0)
    const lacking = { type: 'blocks-received', peer: 'a', lacking: [hash(8), hash(9)] } as const
    expect(planner.handle(lacking, chainOf(9, 7), 1)).toEqual([getBlocks('b', 8, 9)])
  })

  it('that nobody has stall the sync, until somebody says something new', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(9, 8), 0)
    const lacking = { type: 'blocks-received', peer: 'a', lacking: [hash(9)] } as const
    expect(planner.handle(lacking, chainOf(9, 8), 1)).toEqual([])
    expect(planner.phase(chainOf(9, 8))).toBe('stalled')
    expect(planner.handle(status('a', 9), chainOf(9, 8), 2)).toEqual([getBlocks('a', 9)])
  })

  it('go to another peer when one fails, and come back to it when it has rested, longer each time', () => {
    const planner = new SyncPlanner(limits)
    const failed = { type: 'request-failed', peer: 'a', request: 'get-blocks' } as const
    planner.handle(status('a', 9), chainOf(9, 8), 0)
    let now = 0
    for (const rest of [10, 20, 40, 40]) {
      expect(planner.handle(failed, chainOf(9, 8), now)).toEqual([])
      expect(planner.nextMoment(now)).toBe(now + rest)
      now += rest
      expect(planner.handle({ type: 'look-again' }, chainOf(9, 8), now)).toEqual([getBlocks('a', 9)])
    }
    planner.handle(failed, chainOf(9, 8), now)
    expect(planner.handle(status('b', 9), chainOf(9, 8), now)).toEqual([getBlocks('b', 9)])
  })

  it('that take long are asked from a peer that has nothing to do, once there is one', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('slow', 9), chainOf(9, 0), 0)
    expect(planner.nextMoment(0)).toBe(100)
    expect(planner.handle({ type: 'look-again' }, chainOf(9, 1), 100)).toEqual([])
    expect(planner.handle(status('b', 9), chainOf(9, 1), 150)).toEqual([
      { type: 'cancel-blocks', peer: 'slow' },
      getBlocks('b', 2, 3, 4),
    ])
  })

  it('that take long stay with a peer when nobody else has them', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('slow', 9), chainOf(9, 0), 0)
    planner.handle(status('short', 1), chainOf(9, 1), 0)
    expect(planner.handle({ type: 'look-again' }, chainOf(9, 1), 500)).toEqual([])
  })

  it('go from peer to peer ever more slowly when all take long, and soon again when one does not', () => {
    const planner = new SyncPlanner(limits)
    const moves: number[] = []
    for (const peer of ['a', 'b', 'c', 'd', 'e']) planner.handle(status(peer, 9), chainOf(9, 0), 0)
    let asked = 'a'
    const look = (now: number): void => {
      for (const action of planner.handle({ type: 'look-again' }, chainOf(9, 0), now)) {
        if (action.type === 'get-blocks') asked = action.peer
        else moves.push(now)
      }
    }
    for (let now = 0; now <= 1_000; now++) look(now)
    expect(moves).toEqual([100, 300, 600, 900])
    for (let now = 1_000; now <= 1_020; now += 10) {
      const done = { type: 'blocks-received', peer: asked, lacking: [] } as const
      for (const action of planner.handle(done, chainOf(9, 0), now)) asked = action.peer
    }
    for (let now = 1_020; now <= 1_200; now++) look(now)
    expect(moves.slice(4)).toEqual([1_120])
  })

  it('of a peer that is gone are asked from another one', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(9, 8), 0)
    planner.handle(status('b', 9), chainOf(9, 8), 0)
    expect(planner.handle({ type: 'peer-removed', peer: 'a' }, chainOf(9, 8), 0)).toEqual([getBlocks('b', 9)])
  })

  it('just announced are asked from who announced them', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 8), chainOf(8), 0)
    planner.handle(status('b', 8), chainOf(8), 0)
    const announced = { type: 'header-announced', peer: 'b', work: 9n } as const
    expect(planner.handle(announced, chainOf(9, 8), 0)).toEqual([getBlocks('b', 9)])
  })
})

describe('the planner', () => {
  it('knows when it has nobody to ask', () => {
    const planner = new SyncPlanner(limits)
    expect(planner.phase(chainOf(0))).toBe('no-peers')
    expect(planner.nextMoment(0)).toBeUndefined()
  })

  it('ignores what it hears of peers that are gone', () => {
    const planner = new SyncPlanner(limits)
    expect(planner.handle(received('ghost', 9), chainOf(4), 0)).toEqual([])
    expect(planner.phase(chainOf(4))).toBe('no-peers')
  })
})
