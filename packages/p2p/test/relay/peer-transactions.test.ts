import { bytesKey } from '@chain/core/bytes'
import { createEntry, type MempoolEntry } from '@chain/core/mempool'
import type { Transaction } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import type { KnownRelayMessage } from '@chain/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { PeerTransactions } from '../../src/relay/peer-transactions.ts'
import { relayLimits } from '../../src/relay/relay-limits.ts'
import { Trickle } from '../../src/relay/trickle.ts'

const [block] = ChainBuilder.create().mineEmpty(1)
const coinbase = block?.transactions[0] as Transaction

/** An entry of the mempool that depends on others. */
function entry(number: number, fee: bigint, parents: readonly MempoolEntry[] = []): MempoolEntry {
  const transaction = { ...coinbase, lockTime: number }
  return createEntry(
    { transaction, fee, size: 100, parents: new Set(parents) },
    { feeDelta: 0n, time: 0, height: 0 },
  )
}

interface Setup {
  readonly peer: PeerTransactions
  readonly told: KnownRelayMessage[]
  readonly waiting: Map<string, MempoolEntry>
  /** Lets the time of the next announcement come. */
  tick(): void
}

function setUp(): Setup {
  const told: KnownRelayMessage[] = []
  const waiting = new Map<string, MempoolEntry>()
  const alarms: (() => void)[] = []
  const clock: Clock = {
    now: () => 0,
    unixTime: () => 0,
    setTimer: (_, callback) => {
      alarms.push(callback)
      return { cancel: () => alarms.splice(alarms.indexOf(callback), 1) }
    },
  }
  const outlet = {
    tell: (message: KnownRelayMessage) => void told.push(message),
    reply: (make: () => KnownRelayMessage | undefined) => {
      const reply = make()
      if (reply !== undefined) told.push(reply)
    },
    repliesWaiting: 0,
  }
  const trickle = new Trickle({ inbound: 1, outbound: 1 }, () => 0.5)
  const find = (id: Uint8Array): MempoolEntry | undefined => waiting.get(bytesKey(id))
  const peer = new PeerTransactions(outlet, 'outbound', { clock, trickle, find })
  return { peer, told, waiting, tick: () => alarms.shift()?.() }
}

function add({ peer, waiting }: Setup, each: MempoolEntry): void {
  waiting.set(bytesKey(each.txid), each)
  peer.announce(each)
}

const inventory = (...entries: readonly MempoolEntry[]) => ({
  kind: 'inventory',
  transactions: entries.map(({ txid }) => txid),
})

describe('a peer is told of transactions', () => {
  it('with parents before children and high rates before low ones, whatever the order in which they came', () => {
    const parent = entry(1, 100n)
    const child = entry(2, 900n, [parent])
    const dear = entry(3, 500n)
    fc.assert(
      fc.property(fc.shuffledSubarray([parent, child, dear], { minLength: 3 }), (order) => {
        const setup = setUp()
        for (const each of order) add(setup, each)
        setup.tick()
        expect(setup.told).toEqual([inventory(dear, parent, child)])
      }),
    )
  })

  it('so many at a time, and of the others the next time', () => {
    const setup = setUp()
    const count = relayLimits.announcementBatch + 1
    for (let number = 0; number < count; number++) add(setup, entry(number, 100n))
    setup.tick()
    setup.tick()
    const sizes = setup.told.map((message) => ('transactions' in message ? message.transactions.length : 0))
    expect(sizes).toEqual([relayLimits.announcementBatch, 1])
  })

  it('unless they have left meanwhile, or pay less than it wants, or it has them', () => {
    const setup = setUp()
    const [gone, cheap, known, good] = [entry(1, 500n), entry(2, 1n), entry(3, 500n), entry(4, 500n)] as const
    for (const each of [gone, cheap, known, good]) add(setup, each)
    setup.waiting.delete(bytesKey(gone.txid))
    setup.peer.feeFilter = 1_000n
    setup.peer.learn(known.txid)
    setup.tick()
    expect(setup.told).toEqual([inventory(good)])
    setup.tick()
    expect(setup.told).toHaveLength(1)
  })

  it('once, unless they are to be announced again', () => {
    const setup = setUp()
    const own = entry(1, 500n)
    add(setup, own)
    setup.tick()
    setup.peer.announce(own)
    setup.tick()
    expect(setup.told).toHaveLength(1)
    setup.peer.announceAgain(own)
    setup.tick()
    expect(setup.told).toHaveLength(2)
  })
})

describe('a peer that asks for a transaction', () => {
  it('gets it when it was told of it, or of others since it came', () => {
    const setup = setUp()
    const [first, second] = [entry(1, 500n), entry(2, 1n)] as const
    setup.peer.feeFilter = 1_000n
    const sent: Uint8Array[] = []
    const ask = (): void => setup.peer.serve([first.txid, second.txid], (id) => sent.push(id))
    add(setup, first)
    ask()
    expect(setup.told).toEqual([{ kind: 'not-found', transactions: [first.txid, second.txid] }])
    setup.tick()
    add(setup, second)
    ask()
    expect(sent).toEqual([first.txid])
    setup.tick()
    ask()
    expect(sent).toEqual([first.txid, first.txid, second.txid])
  })
})
