import { bytesKey } from '@chain/core/bytes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type {
  ChainView,
  PeerTip,
  ServedBlocks,
  SyncAction,
  SyncEvent,
  SyncRequest,
  WantedBlock,
} from '../../src/sync/sync-events.ts'
import { SyncPlanner, syncPlannerLimits } from '../../src/sync/sync-planner.ts'

/**
 * What a simulated peer is like.
 *
 * - `honest`: has the blocks up to `height`, and fails `failures` times before it works
 * - `pruned`: the same, with the last blocks only
 * - `light`: says that it has no blocks, and has none
 * - `liar`: claims more work than there is
 * - `lacks-blocks`: has none of its blocks
 * - `dead`: fails always
 * - `slow`: begins to send blocks, and never gets done
 * - `mute`: answers neither for headers nor for blocks
 * - `long`: honest, and has a header chain that takes `batches` batches until it has enough work
 * - `drip`: sends batch after batch of headers, each in time and for ever, and no blocks
 */
interface PeerModel {
  readonly height: number
  readonly kind:
    | 'honest'
    | 'pruned'
    | 'light'
    | 'liar'
    | 'lacks-blocks'
    | 'dead'
    | 'slow'
    | 'mute'
    | 'long'
    | 'drip'
  readonly failures: number
  readonly batches: number
}

/** Blocks that a pruned peer has, and how many of them it is asked for. */
const RECENT = 288
const ASKED = 286

const maxHeaders = 40

/** Heights are this many blocks apart in what they say, so that few of them are many. */
const SCALE = 20

const limits = { ...syncPlannerLimits, window: 10, batch: 4, downloads: 3, presyncTime: 20_000 }

/** Milliseconds that each batch of a `long` or `drip` peer takes: less than others are asked to wait for at least. */
const BATCH_TIME = 900

const model: fc.Arbitrary<PeerModel> = fc.record({
  height: fc.nat({ max: 40 }),
  kind: fc.constantFrom(
    'honest',
    'honest',
    'pruned',
    'light',
    'liar',
    'lacks-blocks',
    'dead',
    'slow',
    'mute',
    'long',
    'drip',
    'drip',
  ),
  failures: fc.nat({ max: 3 }),
  batches: fc.nat({ max: 60 }),
})

/** A world of one chain, some peers, and the requests that are on their way. */
class World {
  readonly peers: ReadonlyMap<string, PeerModel>
  readonly planner = new SyncPlanner(limits)
  readonly pending: SyncRequest[] = []
  readonly #failuresLeft: Map<string, number>
  readonly #askedAt = new Map<SyncRequest, number>()
  /** Headers that were there when a request was made: what a peer answers depends on them alone. */
  readonly #headersThen = new Map<SyncRequest, number>()
  /** When a peer sent the last batch of a request, and how many it has sent. */
  readonly #batches = new Map<SyncRequest, { readonly count: number; readonly at: number }>()
  #now = 0
  #headers = 0
  readonly #bodies = new Set<number>()

  constructor(peers: readonly PeerModel[]) {
    this.peers = new Map(peers.map((peer, index) => [`peer ${index}`, peer]))
    this.#failuresLeft = new Map([...this.peers].map(([id, { failures }]) => [id, failures]))
  }

  /** The highest block up to which honest peers have all blocks among them. */
  get goal(): number {
    const heightsOf = (wanted: PeerModel['kind']): number[] =>
      [...this.peers.values()].filter(({ kind }) => kind === wanted).map(({ height }) => height)
    let goal = Math.max(0, ...heightsOf('honest'), ...heightsOf('long'))
    for (const height of heightsOf('pruned').toSorted((a, b) => a - b)) {
      if ((goal + 1) * SCALE > height * SCALE - ASKED) goal = Math.max(goal, height)
    }
    return goal
  }

  /** Whether all blocks are here that can be had. */
  get hasAll(): boolean {
    for (let height = 1; height <= this.goal; height++) if (!this.#bodies.has(height)) return false
    return true
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
      if (action.type === 'cancel') this.#cancel(action)
      else if (action.type === 'blame') this.#checkBlame(action)
      else {
        this.#check(action)
        this.pending.push(action)
      }
    }
  }

  /** Lets one request come to its end, or time pass when there is none. Returns whether anything could happen. */
  step(choice: number): boolean {
    const ready = this.pending.filter((each) => !this.#isSlow(each) && this.#batchDue(each) === undefined)
    const request = ready[choice % Math.max(1, ready.length)]
    if (request !== undefined) {
      this.pending.splice(this.pending.indexOf(request), 1)
      this.#now += 1
      this.send(this.#answer(request))
      return true
    }
    const due = this.pending.map((each) => this.#batchDue(each) ?? Number.POSITIVE_INFINITY)
    const moment = Math.min(this.planner.nextMoment(this.#now) ?? Number.POSITIVE_INFINITY, ...due)
    if (moment === Number.POSITIVE_INFINITY) return false
    this.#now = Math.max(this.#now, moment)
    this.send({ type: 'look-again' })
    for (const each of [...this.pending]) this.#sendBatch(each)
    return true
  }

  /** When a peer sends the next batch of headers that do not have enough work yet. */
  #batchDue(request: SyncRequest): number | undefined {
    const { kind, batches = 0 } = this.peers.get(request.peer) ?? {}
    if (request.type !== 'get-headers' || (kind !== 'drip' && kind !== 'long')) return undefined
    const { count, at } = this.#batches.get(request) ?? { count: 0, at: this.#askedAt.get(request) ?? 0 }
    if (kind === 'long' && (count >= batches || this.#headers > 0)) return undefined
    return at + BATCH_TIME
  }

  #sendBatch(request: SyncRequest): void {
    // It may have been given up meanwhile.
    const due = this.pending.includes(request) ? this.#batchDue(request) : undefined
    if (due === undefined || due > this.#now) return
    const { count } = this.#batches.get(request) ?? { count: 0 }
    this.#batches.set(request, { count: count + 1, at: this.#now })
    this.send({ type: 'headers-batch', peer: request.peer })
  }

  #isSlow({ type, peer }: SyncRequest): boolean {
    const kind = this.peers.get(peer)?.kind
    return kind === 'mute' || (type === 'get-blocks' && kind === 'slow')
  }

  /** Only what was asked for and takes long is cancelled; some of it may have come. */
  #cancel({ peer, request: type }: Extract<SyncAction, { type: 'cancel' }>): void {
    const index = this.pending.findIndex((other) => other.peer === peer && other.type === type)
    const [request] = this.pending.splice(index, 1)
    if (index < 0 || request === undefined) throw new Error(`${peer} was not asked for it.`)
    const askedAt = this.#askedAt.get(request) ?? this.#now
    if (type === 'get-blocks') {
      expect(this.#now - askedAt).toBeGreaterThanOrEqual(limits.patience)
      return
    }
    // Whoever sends each batch in time is given up for the whole time only.
    const isSilent = this.#now - (this.#batches.get(request)?.at ?? askedAt) >= 2 * limits.headersPatience
    expect(isSilent || this.#now - askedAt >= limits.presyncTime).toBe(true)
  }

  /** Nobody is blamed who does what it should. */
  #checkBlame({ peer, vice }: Extract<SyncAction, { type: 'blame' }>): void {
    const kind = this.peers.get(peer)?.kind
    expect(['honest', 'pruned', 'light', 'long']).not.toContain(kind)
    // It has no blocks, but is not late with its headers.
    if (kind === 'drip') expect(vice).not.toBe('silence')
  }

  #check(request: SyncRequest): void {
    this.#askedAt.set(request, this.#now)
    this.#headersThen.set(request, this.#headers)
    const ofPeer = this.pending.filter(({ peer, type }) => peer === request.peer && type === request.type)
    expect(ofPeer).toEqual([])
    expect(this.peers.get(request.peer)?.kind).not.toBe('light')
    if (request.type === 'get-headers') {
      const asked = this.pending.filter(({ type }) => type === 'get-headers')
      expect(asked.length).toBeLessThan(limits.headerRequests)
      return
    }
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
    const { kind, height = 0 } = this.peers.get(request.peer) ?? {}
    // What it does not have any more is not asked for.
    if (kind === 'pruned')
      for (const block of request.blocks) expect(block.height).toBeGreaterThan(height * SCALE - RECENT)
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
        ['lacks-blocks', 'liar', 'drip'].includes(peer.kind) || (hash[0] as number) > peer.height
      for (const block of request.blocks) {
        if (isLacking(block)) continue
        this.#bodies.add(block.hash[0] as number)
        this.send({ type: 'block-received', peer: id, hash: block.hash })
      }
      return {
        type: 'blocks-received',
        peer: id,
        lacking: request.blocks.filter(isLacking).map(({ hash }) => hash),
      }
    }
    return this.#answerHeaders(id, peer, request.after?.[0] ?? this.#headersThen.get(request) ?? 0)
  }

  #answerHeaders(id: string, peer: PeerModel, after: number): SyncEvent {
    if (!['honest', 'pruned', 'long'].includes(peer.kind)) {
      return { type: 'headers-received', peer: id, tip: tipAt(after), more: false }
    }
    const last = Math.max(after, Math.min(peer.height, after + maxHeaders))
    this.#headers = Math.max(this.#headers, last)
    const more = last === after + maxHeaders
    return { type: 'headers-received', peer: id, tip: tipAt(last), more, last: blockAt(last).hash }
  }
}

function blockAt(height: number): WantedBlock {
  return { hash: new Uint8Array(32).fill(height), height: height * SCALE, chainWork: BigInt(height) }
}

function tipAt(height: number): PeerTip {
  return { work: BigInt(height), height: height * SCALE }
}

function servedBy({ kind }: PeerModel): ServedBlocks {
  if (kind === 'light') return 'none'
  return kind === 'pruned' ? 'recent' : 'all'
}

it('gets every block that an honest peer has, whatever the others do and in whatever order answers come', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 0, 1, 2, limits.headerRequests),
      fc.array(model, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      (drips, peers, choices) => {
        const drip: PeerModel = { kind: 'drip', height: 40, failures: 0, batches: 0 }
        const world = new World([...new Array<PeerModel>(drips).fill(drip), ...peers])
        for (const [id, peer] of world.peers) {
          const tip = tipAt(peer.kind === 'liar' ? peer.height + 50 : peer.height)
          world.send({ type: 'peer-status', peer: id, tip, serves: servedBy(peer) })
        }
        let steps = 0
        for (const choice of choices) {
          steps += 1
          const isDone = world.hasAll && world.pending.length === 0
          if (isDone || !world.step(choice) || steps > 5_000) break
        }
        expect(world.hasAll).toBe(true)
      },
    ),
  )
})
