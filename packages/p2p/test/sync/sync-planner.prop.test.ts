import { bytesKey } from '@chain/core/bytes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type ChainView,
  type SyncAction,
  type SyncEvent,
  SyncPlanner,
  type SyncRequest,
  syncPlannerLimits,
  type WantedBlock,
} from '../../src/sync/sync-planner.ts'

/**
 * What a simulated peer is like. An honest one has the blocks up to `height` and fails `failures` times before it works; a
 * slow one begins to send blocks, and never gets done.
 */
interface PeerModel {
  readonly height: number
  readonly kind: 'honest' | 'liar' | 'lacks-blocks' | 'dead' | 'slow'
  readonly failures: number
}

const maxHeaders = 7

const limits = { ...syncPlannerLimits, window: 10, batch: 4, downloads: 3 }

const model: fc.Arbitrary<PeerModel> = fc.record({
  height: fc.nat({ max: 40 }),
  kind: fc.constantFrom('honest', 'honest', 'liar', 'lacks-blocks', 'dead', 'slow'),
  failures: fc.nat({ max: 3 }),
})

/** A world of one chain, some peers, and the requests that are on their way. */
class World {
  readonly peers: ReadonlyMap<string, PeerModel>
  readonly planner = new SyncPlanner(limits)
  readonly pending: SyncRequest[] = []
  readonly #failuresLeft: Map<string, number>
  readonly #askedAt = new Map<SyncRequest, number>()
  #now = 0
  #headers = 0
  readonly #bodies = new Set<number>()

  constructor(peers: readonly PeerModel[]) {
    this.peers = new Map(peers.map((peer, index) => [`peer ${index}`, peer]))
    this.#failuresLeft = new Map([...this.peers].map(([id, { failures }]) => [id, failures]))
  }

  get goal(): number {
    return Math.max(
      0,
      ...[...this.peers.values()].filter(({ kind }) => kind === 'honest').map(({ height }) => height),
    )
  }

  get bodies(): number {
    return this.#bodies.size
  }

  get view(): ChainView {
    const heights = Array.from({ length: this.#headers }, (_, index) => index + 1)
    const missing = heights.filter((height) => !this.#bodies.has(height)).map(blockAt)
    const inWindow = ({ hash }: WantedBlock, limit: number): boolean =>
      (hash[0] as number) < ((missing[0]?.hash[0] as number) ?? 0) + limit
    return {
      work: BigInt(this.#headers),
      isBusy: false,
      missing: (limit) => missing.filter((block) => inWindow(block, limit)),
    }
  }

  send(event: SyncEvent): void {
    for (const action of this.planner.handle(event, this.view, this.#now)) {
      if (action.type === 'cancel-blocks') this.#cancel(action)
      else {
        this.#check(action)
        this.pending.push(action)
      }
    }
  }

  /** Lets one request come to its end, or time pass when there is none. Returns whether anything could happen. */
  step(choice: number): boolean {
    const ready = this.pending.filter((each) => !this.#isSlow(each))
    const request = ready[choice % Math.max(1, ready.length)]
    if (request !== undefined) {
      this.pending.splice(this.pending.indexOf(request), 1)
      this.#now += 1
      this.send(this.#answer(request))
      return true
    }
    const moment = this.planner.nextMoment(this.#now)
    if (moment === undefined) return false
    this.#now = moment
    this.send({ type: 'look-again' })
    return true
  }

  #isSlow({ type, peer }: SyncRequest): boolean {
    return type === 'get-blocks' && this.peers.get(peer)?.kind === 'slow'
  }

  /** Only what was asked for and takes long is cancelled; some of it may have come. */
  #cancel({ peer }: SyncAction): void {
    const index = this.pending.findIndex((other) => other.peer === peer && other.type === 'get-blocks')
    const [request] = this.pending.splice(index, 1)
    if (index < 0 || request?.type !== 'get-blocks') throw new Error(`${peer} was not asked for blocks.`)
    expect(this.#now - (this.#askedAt.get(request) ?? this.#now)).toBeGreaterThanOrEqual(limits.patience)
  }

  #check(request: SyncRequest): void {
    this.#askedAt.set(request, this.#now)
    const ofPeer = this.pending.filter(({ peer, type }) => peer === request.peer && type === request.type)
    expect(ofPeer).toEqual([])
    if (request.type === 'get-headers') return
    const downloads = this.pending.filter((other) => other.type === 'get-blocks')
    expect(downloads.length).toBeLessThan(limits.downloads)
    expect(request.blocks.length).toBeGreaterThan(0)
    expect(request.blocks.length).toBeLessThanOrEqual(limits.batch)
    const asked = new Set(downloads.flatMap(({ blocks }) => blocks.map(({ hash }) => bytesKey(hash))))
    const window = new Set(this.view.missing(limits.window).map(({ hash }) => bytesKey(hash)))
    for (const { hash } of request.blocks) {
      expect(asked.has(bytesKey(hash))).toBe(false)
      expect(window.has(bytesKey(hash))).toBe(true)
    }
  }

  #answer(request: SyncRequest): SyncEvent {
    const id = request.peer
    const peer = this.peers.get(id) as PeerModel
    const failuresLeft = this.#failuresLeft.get(id) ?? 0
    if (peer.kind === 'dead' || failuresLeft > 0) {
      this.#failuresLeft.set(id, failuresLeft - 1)
      return { type: 'request-failed', peer: id, request: request.type }
    }
    if (request.type === 'get-blocks') {
      const isLacking = ({ hash }: WantedBlock): boolean =>
        peer.kind === 'lacks-blocks' || peer.kind === 'liar' || (hash[0] as number) > peer.height
      for (const block of request.blocks) if (!isLacking(block)) this.#bodies.add(block.hash[0] as number)
      return {
        type: 'blocks-received',
        peer: id,
        lacking: request.blocks.filter(isLacking).map(({ hash }) => hash),
      }
    }
    return this.#answerHeaders(id, peer, request.after?.[0] ?? this.#headers)
  }

  #answerHeaders(id: string, peer: PeerModel, after: number): SyncEvent {
    if (peer.kind !== 'honest') {
      return { type: 'headers-received', peer: id, work: BigInt(this.#headers), more: false }
    }
    const last = Math.max(after, Math.min(peer.height, after + maxHeaders))
    this.#headers = Math.max(this.#headers, last)
    const more = last === after + maxHeaders
    return { type: 'headers-received', peer: id, work: BigInt(last), more, last: blockAt(last).hash }
  }
}

function blockAt(height: number): WantedBlock {
  return { hash: new Uint8Array(32).fill(height), chainWork: BigInt(height) }
}

it('gets every block that an honest peer has, whatever the others do and in whatever order answers come', () => {
  fc.assert(
    fc.property(
      fc.array(model, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      (peers, choices) => {
        const world = new World(peers)
        for (const [id, { height, kind }] of world.peers) {
          world.send({ type: 'peer-status', peer: id, work: BigInt(kind === 'liar' ? height + 50 : height) })
        }
        let steps = 0
        for (const choice of choices) {
          steps += 1
          const isDone = world.bodies === world.goal && world.pending.length === 0
          if (isDone || !world.step(choice) || steps > 5_000) break
        }
        expect(world.bodies).toBe(world.goal)
      },
    ),
  )
})
