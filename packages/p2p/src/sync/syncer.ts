/**
 * Sync: makes the requests that the planner asks for, one task each, and reports who sent what is wrong.
 *
 * Not for deciding whom to ask (`sync-planner.ts`), for rules (`@chain/core`), or for what a penalty means (`peers/`).
 */
import type { BlockNode } from '@chain/core/chain'
import type { ChainError } from '@chain/core/errors'
import { type Block, type BlockHash, blockHash, decodeHeader, encodeBlock } from '@chain/core/primitives'
import { type Status, timeLimits } from '@chain/wire'
import type { Clock, Timer } from '../clock.ts'
import { toPeerError } from '../errors.ts'
import { penaltyForFault } from '../peers/fault-penalty.ts'
import type { Penalise } from '../peers/penalise.ts'
import type { PenaltyReason } from '../peers/score.ts'
import type { ChainPort, LogPort } from '../ports.ts'
import { BlockQueue } from './block-queue.ts'
import { fetchBlocks } from './fetch-blocks.ts'
import { fetchHeaders, tipOf } from './fetch-headers.ts'
import { HeldBlocks } from './held-blocks.ts'
import { missingInWindow } from './missing-in-window.ts'
import { RivalBlocks } from './rival-blocks.ts'
import { servedBlocks } from './served-blocks.ts'
import type { ChainView, SyncAction, SyncEvent, SyncPhase, SyncRequest, SyncVice } from './sync-events.ts'
import { headersFault, SyncFault } from './sync-fault.ts'
import type { SyncPeer } from './sync-peer.ts'
import { SyncPlanner } from './sync-planner.ts'

/** What sync works with. */
export interface SyncModules {
  readonly chain: ChainPort
  readonly penalise: Penalise
  readonly clock: Clock
  readonly log: LogPort
}

/** What tests and simulations may change. */
export interface SyncOptions {
  readonly planner?: SyncPlanner
  /** Milliseconds a peer has for headers, and for each block. */
  readonly timeouts?: Readonly<Record<SyncRequest['type'], number>>
}

/** Long for blocks: whoever is slower than others loses the request to them much earlier, if there are any. */
const defaultTimeouts = { 'get-headers': 15_000, 'get-blocks': timeLimits.block }

/** What a peer says that matters here. */
export type SyncStatus = Pick<Status, 'work' | 'height' | 'services'>

/** What it costs a peer to do something again and again, and the sentence about it. */
const vices: Readonly<Record<SyncVice, readonly [reason: PenaltyReason, sentence: string]>> = {
  'false-claims': ['broken-promise', 'The peer claims a better chain again and again, and does not show it.'],
  'no-blocks': ['broken-promise', 'The peer has none of the blocks that it should have, again and again.'],
  silence: ['timeout', 'The peer sends nothing while others do, again and again.'],
}

/** Told who sent a block that is part of the active chain now. Must not throw. */
export type BlockListener = (peer: string, node: BlockNode) => void

interface Member {
  readonly peer: SyncPeer
  /** Abort what the peer was asked for last. */
  readonly requests: Partial<Record<SyncRequest['type'], AbortController>>
  /** The block with the most work that it has announced or whose header it has sent. */
  best?: BlockNode
}

/** Follows the chain with the most work among the peers that are added to it. */
export class Syncer {
  readonly #chain: ChainPort
  readonly #penalise: Penalise
  readonly #log: LogPort
  readonly #planner: SyncPlanner
  readonly #clock: Clock
  readonly #timeouts: Readonly<Record<SyncRequest['type'], number>>
  readonly #members = new Map<string, Member>()
  readonly #tasks = new Set<Promise<void>>()
  readonly #unsubscribe: () => void
  readonly #view: ChainView
  readonly #queue: BlockQueue
  readonly #held = new HeldBlocks()
  readonly #rivals: RivalBlocks
  readonly #listeners = new Set<BlockListener>()
  #timer: Timer | undefined
  #holdTimer: Timer | undefined
  #looking = false
  #stopped = false

  constructor({ chain, penalise, clock, log }: SyncModules, options: SyncOptions = {}) {
    this.#chain = chain
    this.#penalise = penalise
    this.#clock = clock
    this.#log = log
    this.#planner = options.planner ?? new SyncPlanner()
    this.#timeouts = options.timeouts ?? defaultTimeouts
    this.#queue = new BlockQueue({
      chain,
      onFault: (peer, fault) => this.#onBadBlock(peer, fault),
      onConnected: (peer, node) => {
        for (const listener of this.#listeners) listener(peer, node)
      },
      onError: (error) => this.#log.warn({ err: error }, 'The chain could not take in a block'),
      onRoom: () => this.#lookSoon(),
    })
    const queue = this.#queue
    const held = this.#held
    const rivals = new RivalBlocks(chain)
    this.#rivals = rivals
    this.#view = {
      get work() {
        return chain.bestHeader.chainWork
      },
      get isBusy() {
        return !queue.isEmpty || held.size > 0
      },
      missing: (limit) => missingInWindow({ chain, queue, held, rivals }, limit),
    }
    this.#unsubscribe = chain.subscribe(() => this.#lookSoon())
  }

  /** How far sync has come. */
  get phase(): SyncPhase {
    return this.#planner.phase(this.#view)
  }

  /** Peers that claim more work than this node knows and have not been found wrong. */
  get peersAhead(): number {
    return this.#planner.peersAhead(this.#view)
  }

  /** The block with the most work that a peer has announced, or whose header it has sent, since it came. */
  bestOf(id: string): BlockNode | undefined {
    return this.#members.get(id)?.best
  }

  /** A peer told its status for the first time. */
  addPeer(peer: SyncPeer, status: SyncStatus): void {
    this.removePeer(peer.id)
    if (this.#stopped) return
    this.#members.set(peer.id, { peer, requests: {} })
    this.updatePeer(peer.id, status)
  }

  /** A peer told its status again. */
  updatePeer(id: string, status: SyncStatus): void {
    if (!this.#members.has(id)) return
    const { work, height } = status
    this.#plan({ type: 'peer-status', peer: id, tip: { work, height }, serves: servedBlocks(status) })
  }

  /** A peer is gone; what it was asked for goes to others. */
  removePeer(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    for (const request of Object.values(member.requests)) request.abort()
    this.#plan({ type: 'peer-removed', peer: id })
  }

  /**
   * A peer announced the 80-byte header of its new tip. One of a block that is known to be invalid is nobody's fault: blocks are
   * passed on before their coins and signatures are looked at.
   */
  async announce(id: string, bytes: Uint8Array): Promise<void> {
    const header = decodeHeader(bytes)
    const outcome = await this.#chain.acceptHeaders([header])
    if (this.#chain.find(blockHash(header))?.failed === true) return
    if (outcome.status === 'accepted') {
      this.#learnBest(id, outcome.last)
      this.#plan({ type: 'header-announced', peer: id, tip: tipOf(outcome.last) })
    } else if (outcome.status === 'missing-parent') this.#plan({ type: 'header-announced', peer: id })
    else if (outcome.status === 'low-work') return
    else this.#blame(id, headersFault(outcome))
  }

  /** Registers a listener and returns the function that removes it. */
  subscribe(listener: BlockListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Asks nobody for the body of a block for a short while: it is coming in another way. Its header need not be known. */
  hold(hash: BlockHash): void {
    this.#held.hold(hash, this.#clock.now())
    this.#endHoldsInTime()
  }

  /** The body of a block is not coming in another way: peers are asked for it, if it is wanted. */
  release(hash: BlockHash): void {
    if (this.#held.release(hash)) this.#lookSoon()
  }

  /**
   * Takes in a block that was put together from its compact form, and whose header the chain knows.
   *
   * @param peer - who sent the compact form; it is not to blame for what only coins and signatures show
   */
  deliver(hash: BlockHash, block: Block, peer: string): void {
    this.#queue.add({ hash, bytes: encodeBlock(block), peer, compact: block })
    this.release(hash)
  }

  /** Cancels all requests and waits until none is left. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#unsubscribe()
    this.#timer?.cancel()
    this.#holdTimer?.cancel()
    this.#queue.stop()
    for (const id of [...this.#members.keys()]) this.removePeer(id)
    await Promise.all(this.#tasks)
  }

  #plan(event: SyncEvent): void {
    const now = this.#clock.now()
    const actions = this.#planner.handle(event, this.#view, now)
    if (this.#stopped) return
    for (const action of actions) this.#act(action)
    this.#wakeInTime(now)
  }

  /** The chain tells of changes while it makes them; what follows from them can wait until it is done. */
  #lookSoon(): void {
    if (this.#looking) return
    this.#looking = true
    queueMicrotask(() => {
      this.#looking = false
      this.#plan({ type: 'look-again' })
    })
  }

  /** @param plannedAt - the moment of the last plan: time has passed since, and a moment that has come meanwhile still counts */
  #wakeInTime(plannedAt: number): void {
    this.#timer?.cancel()
    const moment = this.#planner.nextMoment(plannedAt)
    if (moment === undefined) return
    const delay = Math.max(0, Math.ceil(moment - this.#clock.now()))
    this.#timer = this.#clock.setTimer(delay, () => this.#plan({ type: 'look-again' }))
  }

  #endHoldsInTime(): void {
    this.#holdTimer?.cancel()
    const moment = this.#held.nextEnd
    if (moment === undefined || this.#stopped) return
    this.#holdTimer = this.#clock.setTimer(Math.ceil(moment - this.#clock.now()), () => {
      this.#held.expire(this.#clock.now())
      this.#endHoldsInTime()
      this.#lookSoon()
    })
  }

  #act(action: SyncAction): void {
    const { type, peer } = action
    if (type === 'cancel') {
      this.#log.debug({ peer, request: action.request }, 'A peer takes long, and others are asked instead')
      this.#members.get(peer)?.requests[action.request]?.abort()
    } else if (type === 'blame') this.#penalise(peer, ...vices[action.vice])
    else this.#start(action)
  }

  #start(request: SyncRequest): void {
    const task = this.#perform(request).finally(() => this.#tasks.delete(task))
    this.#tasks.add(task)
  }

  async #perform(request: SyncRequest): Promise<void> {
    const member = this.#members.get(request.peer)
    if (member === undefined) return
    const { peer } = member
    const controller = new AbortController()
    member.requests[request.type] = controller
    const { signal } = controller
    let event: SyncEvent
    try {
      event = await this.#ask(request, peer, signal)
    } catch (error) {
      if (signal.aborted) return
      this.#blame(peer.id, toPeerError(error))
      event = { type: 'request-failed', peer: peer.id, request: request.type }
    }
    if (!signal.aborted) this.#plan(event)
  }

  async #ask(request: SyncRequest, peer: SyncPeer, signal: AbortSignal): Promise<SyncEvent> {
    const options = { signal, timeout: this.#timeouts[request.type] }
    if (request.type === 'get-headers') {
      const onBatch = (): void => {
        if (!signal.aborted) this.#plan({ type: 'headers-batch', peer: peer.id })
      }
      const modules = { chain: this.#chain, clock: this.#clock, onBatch }
      const before = this.#chain.bestHeader
      const fetched = await fetchHeaders(peer, modules, request.after, options)
      const last = this.#chain.find(fetched.last)
      // Who has nothing to tell has not shown that it has ours.
      if (last !== undefined && last !== before) this.#learnBest(peer.id, last)
      return { type: 'headers-received', peer: peer.id, ...fetched }
    }
    const hashes = request.blocks.map(({ hash }) => hash)
    const onBlock = (hash: BlockHash): void => this.#plan({ type: 'block-received', peer: peer.id, hash })
    const lacking = await fetchBlocks(peer, { queue: this.#queue, onBlock }, hashes, options)
    return { type: 'blocks-received', peer: peer.id, lacking }
  }

  /** A peer has shown that it knows a block. */
  #learnBest(id: string, node: BlockNode): void {
    this.#rivals.add(node)
    const member = this.#members.get(id)
    if (member !== undefined && node.chainWork > (member.best?.chainWork ?? 0n)) member.best = node
  }

  /** A block that a peer sent some time ago is bad: nothing more is wanted of what it was asked for. */
  #onBadBlock(peer: string, fault: SyncFault): void {
    this.#blame(peer, fault)
    this.#members.get(peer)?.requests['get-blocks']?.abort()
    this.#plan({ type: 'request-failed', peer, request: 'get-blocks' })
  }

  #blame(peer: string, error: ChainError): void {
    const penalty = error instanceof SyncFault ? error.penalty : penaltyForFault(error)
    this.#log.debug({ peer, code: error.code, error }, 'A sync request came to nothing')
    if (penalty !== undefined) this.#penalise(peer, penalty, error.message)
  }
}
