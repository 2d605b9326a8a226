import type { ChainManager } from '@chain/core/chain'
import { encodeHeader } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { type BlockReply, type GetHeaders, type Headers, serviceFlags } from '@chain/wire'
import { beforeAll, expect, it } from 'vitest'
import { PeerError } from '../../src/errors.ts'
import { disconnectScore, type PenaltyReason, penalties } from '../../src/peers/score.ts'
import type { RequestOptions } from '../../src/streams/exchange.ts'
import type { SyncPeer } from '../../src/sync/sync-peer.ts'
import { Syncer } from '../../src/sync/syncer.ts'
import { openChain, silentLog } from '../nodes.ts'
import { VirtualTime } from './virtual-time.ts'

const HONEST = 4
const HEIGHT = 2_100
/** Milliseconds until an answer begins, and for each block. */
const LATENCY = 50
const BLOCK_TIME = 40

const builder = ChainBuilder.create()
builder.mineEmpty(HEIGHT)
const branch = ChainBuilder.create()
branch.mineEmpty(300, { extraNonce: 1 })

/** A peer that answers from a chain, as fast as its line allows. */
class Source implements SyncPeer {
  readonly id: string
  readonly chain: ChainManager
  readonly time: VirtualTime
  asked = 0

  constructor(id: string, chain: ChainManager, time: VirtualTime) {
    this.id = id
    this.chain = chain
    this.time = time
  }

  async requestHeaders({ locator, stop }: GetHeaders, options: RequestOptions): Promise<Headers> {
    await this.wait(LATENCY, options)
    return { headers: this.chain.headersAfter(locator, stop).map(encodeHeader) }
  }

  async *requestBlocks(hashes: readonly Uint8Array[], options: RequestOptions): AsyncGenerator<BlockReply> {
    this.asked += 1
    await this.wait(LATENCY, options)
    for (const hash of hashes) {
      await this.wait(BLOCK_TIME, options)
      yield this.reply(hash)
    }
  }

  reply(hash: Uint8Array): BlockReply {
    const node = this.chain.find(hash)
    const block = node === undefined ? undefined : this.chain.readBody(node)
    return block === undefined ? { kind: 'not-found', hash } : { kind: 'block', block }
  }

  /** As long as it takes, and no longer than whoever asks is patient. */
  async wait(
    milliseconds: number,
    { signal, timeout = Number.POSITIVE_INFINITY }: RequestOptions,
  ): Promise<void> {
    await this.time.sleep(Math.min(milliseconds, timeout), signal)
    if (milliseconds >= timeout) throw new PeerError('peer-timed-out', 'Too late.')
  }
}

const NEVER = 1e9

/** Answers nothing at all. */
class Mute extends Source {
  override async requestHeaders(request: GetHeaders, options: RequestOptions): Promise<Headers> {
    await this.wait(NEVER, options)
    return await super.requestHeaders(request, options)
  }

  override async *requestBlocks(hashes: readonly Uint8Array[], options: RequestOptions) {
    this.asked += 1
    await this.wait(NEVER, options)
    yield* super.requestBlocks(hashes, options)
  }
}

/** Has all headers and sends no block. */
class Stalling extends Source {
  override async *requestBlocks(hashes: readonly Uint8Array[], options: RequestOptions) {
    this.asked += 1
    await this.wait(NEVER, options)
    yield* super.requestBlocks(hashes, options)
  }
}

/** Sends one block in a while. */
class Dripping extends Source {
  override async *requestBlocks(hashes: readonly Uint8Array[], options: RequestOptions) {
    this.asked += 1
    for (const hash of hashes) {
      await this.wait(10_000, options)
      yield this.reply(hash)
    }
  }
}

/** Has none of its blocks. */
class Empty extends Source {
  override reply(hash: Uint8Array): BlockReply {
    return { kind: 'not-found', hash }
  }
}

/** Sends blocks whose bodies were changed. */
class Spoiling extends Source {
  override reply(hash: Uint8Array): BlockReply {
    const reply = super.reply(hash)
    return reply.kind === 'block' ? { ...reply, block: reply.block.slice().fill(1, 100, 104) } : reply
  }
}

/** Sends other blocks than those asked for. */
class Mixing extends Source {
  override reply(): BlockReply {
    return super.reply(this.chain.tip.hash)
  }
}

/** Claims more work than anybody, and has less. */
class Boasting extends Source {}

type Kind = typeof Source

interface Run {
  /** Milliseconds until the chain was there. */
  readonly time: number
  readonly sources: readonly Source[]
  readonly penalties: ReadonlyMap<string, readonly PenaltyReason[]>
}

/** Syncs from honest peers and others, who come first, and are sent away when their score is low. */
async function sync(hostile: readonly Kind[]): Promise<Run> {
  const time = new VirtualTime()
  const chain = await openChain()
  const points = new Map<string, PenaltyReason[]>()
  const penalise = (peer: string, reason: PenaltyReason): void => {
    const reasons = [...(points.get(peer) ?? []), reason]
    points.set(peer, reasons)
    const score = -reasons.reduce((sum, each) => sum + penalties[each], 0)
    if (score <= disconnectScore) queueMicrotask(() => syncer.removePeer(peer))
  }
  const syncer = new Syncer({ chain, penalise, clock: time, log: silentLog })
  const honest: Kind[] = new Array<Kind>(HONEST).fill(Source)
  const sources = [...hostile, ...honest].map((kind, index) => {
    return new kind(`${kind.name} ${index}`, kind === Boasting ? weak : full, time)
  })
  for (const source of sources) {
    const { chainWork, height } = source.chain.tip
    const work = source instanceof Boasting ? 2n ** 200n : chainWork
    syncer.addPeer(source, { work, height, services: serviceFlags.fullBlocks })
  }
  const isDone = (): boolean => chain.tip.height === HEIGHT
  const passed = await time.passUntil(chain, isDone, 600_000)
  await syncer.stop()
  return { time: passed, sources, penalties: points }
}

let full: ChainManager
let weak: ChainManager
let honestRun: Run

beforeAll(async () => {
  full = await openChain(builder.blocks)
  weak = await openChain(branch.blocks)
  honestRun = await sync([])
})

it.each([
  ['say nothing', [Mute, Mute, Mute, Mute]],
  ['have headers and send no blocks', [Stalling, Stalling, Stalling, Stalling]],
  ['drip blocks', [Dripping, Dripping, Dripping, Dripping]],
  ['have none of their blocks', [Empty, Empty, Empty, Empty]],
  ['send blocks that were changed', [Spoiling, Spoiling, Spoiling, Spoiling]],
  ['send other blocks', [Mixing, Mixing, Mixing, Mixing]],
  ['claim what they do not have', [Boasting, Boasting, Boasting, Boasting]],
  ['do this and that', [Mute, Dripping, Empty, Spoiling]],
  ['do something else', [Stalling, Boasting, Mixing, Mute]],
])('sync takes at most twice as long when half of the peers %s', async (_, hostile) => {
  const { time } = honestRun
  const run = await sync(hostile)
  expect(run.time).toBeLessThanOrEqual(2 * time)
  for (const { id } of run.sources.slice(hostile.length)) expect(run.penalties.get(id)).toBeUndefined()
})

it('half of the peers that send no blocks are asked a few times only', async () => {
  const { sources } = await sync([Stalling, Empty, Mixing, Spoiling])
  for (const source of sources.slice(0, 4)) expect(source.asked).toBeLessThanOrEqual(6)
})

it('blocks of a chain come from all honest peers alike', async () => {
  const { sources, time } = honestRun
  const least = HEIGHT / 16 / HONEST
  for (const { asked } of sources) expect(asked).toBeGreaterThan(least / 2)
  const ideal = (HEIGHT * BLOCK_TIME) / HONEST
  expect(time).toBeLessThan(1.5 * ideal)
})
