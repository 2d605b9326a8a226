import { describe, expect, it } from 'vitest'
import type {
  ChainView,
  PeerTip,
  ServedBlocks,
  SyncAction,
  SyncVice,
  WantedBlock,
} from '../../src/sync/sync-events.ts'
import { SyncPlanner, type SyncPlannerLimits, syncPlannerLimits } from '../../src/sync/sync-planner.ts'

const limits: SyncPlannerLimits = {
  ...syncPlannerLimits,
  window: 8,
  batch: 3,
  downloads: 1,
  patience: 100,
  longestPatience: 300,
  headersPatience: 100,
  longestHeadersPatience: 100,
  rest: 10,
  longestRest: 40,
}

const hash = (height: number): Uint8Array => new Uint8Array(32).fill(height)

const block = (height: number): WantedBlock => ({ hash: hash(height), height, chainWork: BigInt(height) })

/** Headers up to `best`, of which the bodies above `tip` are missing. */
function chainOf(best: number, tip: number = best): ChainView {
  const missing = Array.from({ length: best - tip }, (_, index) => block(tip + 1 + index))
  return { work: BigInt(best), isBusy: false, missing: (limit) => missing.slice(0, limit) }
}

/** A chain of this work. */
const tip = (work: number): PeerTip => ({ work: BigInt(work), height: work })

const status = (peer: string, work: number, serves: ServedBlocks = 'all') =>
  ({ type: 'peer-status', peer, tip: tip(work), serves }) as const

const getHeaders = (peer: string) => ({ type: 'get-headers', peer }) as const

const getBlocks = (peer: string, ...heights: number[]) => ({
  type: 'get-blocks',
  peer,
  blocks: heights.map(block),
})

const received = (peer: string, work: number, last?: Uint8Array) =>
  last === undefined
    ? ({ type: 'headers-received', peer, tip: tip(work), more: false } as const)
    : ({ type: 'headers-received', peer, tip: tip(work), more: true, last } as const)

const batch = (peer: string) => ({ type: 'headers-batch', peer }) as const

const cancelBlocks = (peer: string) => ({ type: 'cancel', request: 'get-blocks', peer }) as const

const blocksReceived = (peer: string, ...lacking: number[]) =>
  ({ type: 'blocks-received', peer, lacking: lacking.map(hash) }) as const

const isRequest = ({ type }: SyncAction): boolean => type === 'get-headers' || type === 'get-blocks'

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
      if (!planner.handle(status('liar', 99 + now), chainOf(4), now).some(isRequest)) continue
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
    expect(planner.handle(status('a', 9), chainOf(9, 8), 11)).toEqual([getBlocks('a', 9)])
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
      cancelBlocks('slow'),
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
        else if (action.type === 'cancel') moves.push(now)
      }
    }
    for (let now = 0; now <= 1_000; now++) look(now)
    expect(moves).toEqual([100, 200, 300, 500, 700, 900])
    for (let now = 1_000; now <= 1_020; now += 10) {
      const done = { type: 'blocks-received', peer: asked, lacking: [] } as const
      for (const action of planner.handle(done, chainOf(9, 0), now)) asked = action.peer
    }
    for (let now = 1_020; now <= 1_200; now++) look(now)
    expect(moves.slice(6)).toEqual([1_120])
  })

  it('that a peer did not send are asked from others first from then on, whatever headers it tells', () => {
    const planner = new SyncPlanner(limits)
    const mute = ['a', 'b', 'c']
    const waits: number[] = []
    for (const peer of [...mute, 'honest']) planner.handle(status(peer, 9), chainOf(9), 0)
    let now = 0
    for (let best = 10; best <= 13; best++) {
      const since = now
      const announced = (peer: string) => ({ type: 'header-announced', peer, tip: tip(best) }) as const
      let actions = [...mute, 'honest'].flatMap((peer) =>
        planner.handle(announced(peer), chainOf(best, best - 1), now),
      )
      while (!actions.some(({ type, peer }) => type === 'get-blocks' && peer === 'honest')) {
        now = planner.nextMoment(now) ?? Number.NaN
        actions = look(planner, chainOf(best, best - 1), now)
      }
      waits.push(now - since)
      planner.handle(blocksReceived('honest'), chainOf(best), now)
      for (const peer of mute) {
        planner.handle({ type: 'header-announced', peer }, chainOf(best), now + 50)
        planner.handle(received(peer, best), chainOf(best), now + 50)
      }
      now += 1_000
    }
    expect(waits).toEqual([300, 100, 100, 100])
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
    const announced = { type: 'header-announced', peer: 'b', tip: tip(9) } as const
    expect(planner.handle(announced, chainOf(9, 8), 0)).toEqual([getBlocks('b', 9)])
  })
})

/** Sent by a peer, one of those it was asked for. */
const blockReceived = (peer: string, height: number) =>
  ({ type: 'block-received', peer, hash: hash(height) }) as const

const failed = (peer: string) => ({ type: 'request-failed', peer, request: 'get-blocks' }) as const

const blame = (peer: string, vice: SyncVice) => ({ type: 'blame', peer, vice }) as const

/** What a planner with several downloads at once says when it looks again. */
function look(planner: SyncPlanner, chain: ChainView, now: number): SyncAction[] {
  return planner.handle({ type: 'look-again' }, chain, now)
}

describe('a peer that is', () => {
  it('pruned is asked for the last blocks of its chain only', () => {
    const far: ChainView = {
      work: 1_000n,
      isBusy: false,
      missing: () => [713, 714, 715].map((height) => ({ ...block(height), hash: hash(height % 256) })),
    }
    const planner = new SyncPlanner(limits)
    const [request] = planner.handle(status('pruned', 1_000, 'recent'), far, 0)
    expect(request).toMatchObject({ type: 'get-blocks', blocks: [{ height: 715 }] })
    expect(planner.handle(status('full', 1_000), far, 0)).toEqual([])
  })

  it('pruned is asked for headers, and a full one for the blocks', () => {
    const planner = new SyncPlanner({ ...limits, downloads: 2 })
    expect(planner.handle(status('pruned', 1_000, 'recent'), chainOf(4), 0)).toEqual([getHeaders('pruned')])
    expect(planner.handle(received('pruned', 1_000), chainOf(8, 4), 1)).toEqual([])
    expect(planner.phase(chainOf(8, 4))).toBe('stalled')
    expect(planner.handle(status('full', 8), chainOf(8, 4), 1)).toEqual([getBlocks('full', 5, 6, 7)])
  })

  it('a light client is asked for nothing, and is not ahead', () => {
    const planner = new SyncPlanner(limits)
    expect(planner.handle(status('light', 9, 'none'), chainOf(9, 4), 0)).toEqual([])
    expect(planner.handle({ type: 'header-announced', peer: 'light' }, chainOf(9, 4), 0)).toEqual([])
    expect(planner.peersAhead(chainOf(4))).toBe(0)
  })
})

describe('a failure is remembered', () => {
  it('so that the same blocks are asked of others, and other blocks of the peer', () => {
    const planner = new SyncPlanner({ ...limits, downloads: 2 })
    planner.handle(status('a', 9), chainOf(9, 0), 0)
    planner.handle(status('b', 9), chainOf(9, 0), 0)
    expect(planner.handle(failed('a'), chainOf(9, 0), 1)).toEqual([])
    // It has rested, and 'b' is still at work.
    expect(look(planner, chainOf(9, 0), 11)).toEqual([getBlocks('a', 7, 8)])
    expect(planner.handle(blocksReceived('b'), chainOf(9, 0), 12)).toContainEqual(getBlocks('b', 1, 2, 3))
  })

  it('until all others have failed with the same blocks, too', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(9, 6), 0)
    planner.handle(status('b', 9), chainOf(9, 6), 0)
    expect(planner.handle(failed('a'), chainOf(9, 6), 1)).toEqual([getBlocks('b', 7, 8, 9)])
    expect(planner.handle(failed('b'), chainOf(9, 6), 2)).toEqual([])
    expect(look(planner, chainOf(9, 6), 11)).toEqual([getBlocks('a', 7, 8, 9)])
  })

  it('of blocks that had not come yet only', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(9, 6), 0)
    expect(planner.handle(blockReceived('a', 7), chainOf(9, 6), 1)).toEqual([])
    planner.handle(failed('a'), chainOf(9, 7), 2)
    expect(planner.handle(status('b', 9), chainOf(9, 7), 2)).toEqual([getBlocks('b', 8, 9)])
  })
})

describe('points are lost', () => {
  it('by a peer that has none of its blocks again and again', () => {
    const planner = new SyncPlanner(limits)
    planner.handle(status('a', 9), chainOf(9, 0), 0)
    expect(planner.handle(blocksReceived('a', 1, 2, 3), chainOf(9, 0), 1)).toEqual([])
    expect(look(planner, chainOf(9, 0), 11)).toEqual([getBlocks('a', 4, 5, 6)])
    expect(planner.handle(blocksReceived('a', 4, 5, 6), chainOf(9, 0), 12)).toEqual([])
    expect(look(planner, chainOf(9, 0), 32)).toEqual([getBlocks('a', 7, 8)])
    expect(planner.handle(blocksReceived('a', 7, 8), chainOf(9, 0), 33)).toEqual([blame('a', 'no-blocks')])
  })

  it('by a peer that claims more work again and again and does not show it', () => {
    const planner = new SyncPlanner(limits)
    const blames: SyncAction[][] = []
    for (let now = 0; now < 300; now += 100) {
      planner.handle(status('liar', 99 + now), chainOf(4), now)
      blames.push(planner.handle(received('liar', 4), chainOf(4), now + 1))
    }
    expect(blames).toEqual([[], [], [blame('liar', 'false-claims')]])
  })

  it('by a peer that sends nothing again and again while another one does', () => {
    const planner = new SyncPlanner({ ...limits, downloads: 2 })
    planner.handle(status('b', 99), chainOf(99), 0)
    planner.handle(received('b', 99), chainOf(99), 0)
    planner.handle(status('mute', 99), chainOf(99), 0)
    const missing = (best: number, tip: number): ChainView => ({ ...chainOf(best, tip), work: 99n })
    const answers: SyncAction[][] = []
    for (const first of [1, 7, 13]) {
      const now = first * 1_000
      // 'b' is asked for three blocks and sends them, 'mute' for the three after them.
      look(planner, missing(first + 5, first - 1), now)
      planner.handle(blockReceived('b', first), missing(first + 5, first + 2), now + 1)
      planner.handle(blocksReceived('b'), missing(first + 5, first + 2), now + 1)
      answers.push(look(planner, missing(first + 5, first + 2), now + 100))
      planner.handle(blocksReceived('b'), missing(first + 5, first + 5), now + 101)
    }
    expect(answers).toEqual([
      [cancelBlocks('mute'), getBlocks('b', 4, 5, 6)],
      [cancelBlocks('mute'), getBlocks('b', 10, 11, 12)],
      [blame('mute', 'silence'), cancelBlocks('mute'), getBlocks('b', 16, 17, 18)],
    ])
  })
})

describe('headers of many peers', () => {
  it('are not waited for from more than three that are slow, the first of which is given up', () => {
    const planner = new SyncPlanner(limits)
    for (const peer of ['a', 'b', 'c', 'd', 'e']) planner.handle(status(peer, 9), chainOf(4), 0)
    expect(look(planner, chainOf(4), 100)).toEqual([getHeaders('b')])
    expect(look(planner, chainOf(4), 200)).toEqual([getHeaders('c')])
    const giveUp = (peer: string) => ({ type: 'cancel', request: 'get-headers', peer }) as const
    expect(look(planner, chainOf(4), 300)).toEqual([giveUp('a'), getHeaders('d')])
    expect(look(planner, chainOf(4), 400)).toEqual([giveUp('b'), getHeaders('e')])
  })

  it('are waited for as long as each batch comes in time, and the peer that sends none is given up', () => {
    const planner = new SyncPlanner(limits)
    for (const peer of ['a', 'b', 'c', 'd']) planner.handle(status(peer, 9), chainOf(4), 0)
    look(planner, chainOf(4), 100)
    look(planner, chainOf(4), 200)
    const actions: SyncAction[] = []
    for (let now = 290; now <= 380; now += 90) {
      for (const peer of ['a', 'c']) actions.push(...planner.handle(batch(peer), chainOf(4), now))
    }
    expect(actions).toEqual([
      { type: 'cancel', request: 'get-headers', peer: 'b' },
      { type: 'get-headers', peer: 'd' },
    ])
  })

  it('are not waited for for ever although each batch comes in time, and whoever sends them is not blamed', () => {
    const planner = new SyncPlanner({ ...limits, presyncTime: 1_000, longestPresyncTime: 1_900 })
    for (const peer of ['a', 'b', 'c', 'd']) planner.handle(status(peer, 9), chainOf(4), 0)
    const asked = new Map<string, number>([['a', 0]])
    const times: [string, number][] = []
    for (let now = 50; now <= 8_000; now += 50) {
      for (const peer of [...asked.keys()]) {
        for (const action of planner.handle(batch(peer), chainOf(4), now)) {
          expect(action.type).not.toBe('blame')
          if (action.type === 'get-headers') asked.set(action.peer, now)
          if (action.type !== 'cancel') continue
          times.push([action.peer, now - (asked.get(action.peer) as number)])
          asked.delete(action.peer)
        }
      }
    }
    // The second time each has longer.
    expect(times.slice(0, 6)).toEqual([
      ['a', 1_000],
      ['b', 1_000],
      ['c', 1_000],
      ['d', 1_000],
      ['a', 1_900],
      ['b', 1_900],
    ])
  })

  it('are waited for longer after each request that is given up', () => {
    const planner = new SyncPlanner({ ...limits, longestHeadersPatience: 250 })
    const asked: number[] = []
    for (const peer of ['a', 'b', 'c', 'd', 'e', 'f']) planner.handle(status(peer, 9), chainOf(4), 0)
    for (let now = 1; now <= 800; now++) if (look(planner, chainOf(4), now).some(isRequest)) asked.push(now)
    expect(asked).toEqual([100, 200, 300, 500, 750])
  })

  it('are waited for four times as long as the fastest peer takes', () => {
    const planner = new SyncPlanner({ ...limits, longestHeadersPatience: 500 })
    planner.handle(status('a', 9), chainOf(4), 0)
    planner.handle(status('b', 12), chainOf(4), 0)
    planner.handle(received('a', 9), chainOf(9), 60)
    expect(planner.nextMoment(60)).toBe(300)
    planner.handle(status('c', 12), chainOf(9), 60)
    expect(look(planner, chainOf(9), 299)).toEqual([])
    expect(look(planner, chainOf(9), 300)).toEqual([getHeaders('c')])
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
