import { beforeEach, describe, expect, it } from 'vitest'
import { Candidates } from '../../src/peers/candidates.ts'
import { KnownPeers, MemoryKnownPeers } from '../../src/peers/known-peers.ts'
import { peerLimits, peerTimes } from '../../src/peers/peer-limits.ts'
import { scoreHalfLife } from '../../src/peers/score.ts'
import { silentLog } from '../silent-log.ts'

const address = '/ip4/192.0.2.1/tcp/4001'
const peerId = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

let now: number
/** What the clock of the machine lacks since it was set. */
let offset: number
let table: MemoryKnownPeers
let known: KnownPeers
let candidates: Candidates

function open(): void {
  known = new KnownPeers(table, () => now, silentLog)
  candidates = new Candidates({ known, now: () => now, steady: () => now + offset, random: () => 0.5 })
}

beforeEach(() => {
  now = 1_000_000
  offset = 0
  table = new MemoryKnownPeers()
  open()
})

describe('a peer that was heard of', () => {
  it('is a candidate with its peer id in its addresses', () => {
    expect(candidates.heard(peerId, [address], 'dht')).toBe(true)
    expect(candidates.list()).toMatchObject([
      { key: peerId, addresses: [`${address}/p2p/${peerId}`], source: 'dht', fixed: false, nextAttempt: 0 },
    ])
  })

  it('has its addresses written out when somebody wants them, since thousands are looked at all the time', () => {
    candidates.heard(peerId, [address], 'dht')
    const [candidate] = candidates.list()
    expect(Object.getOwnPropertyDescriptor(candidate, 'addresses')).toMatchObject({
      get: expect.any(Function),
    })
  })

  it('is news once', () => {
    candidates.heard(peerId, [address], 'dht')
    expect(candidates.heard(peerId, [address], 'exchange')).toBe(false)
    expect(candidates.heard(peerId, ['/ip4/192.0.2.2/tcp/4001'], 'exchange')).toBe(true)
    expect(candidates.list()).toMatchObject([{ source: 'dht' }])
  })

  it('has a bounded number of addresses of bounded length', () => {
    const many = Array.from({ length: 20 }, (_, port) => `/ip4/192.0.2.1/tcp/${port + 1}`)
    candidates.heard(peerId, [`/dns4/${'x'.repeat(300)}/tcp/1`, ...many], 'dht')
    expect(candidates.list()[0]?.addresses).toHaveLength(peerLimits.addressesPerPeer)
  })

  it('wakes those who wait for somebody to dial', () => {
    let calls = 0
    const unsubscribe = candidates.subscribe(() => calls++)
    candidates.heard(peerId, [address], 'dht')
    unsubscribe()
    candidates.heard(peerId, ['/ip4/192.0.2.2/tcp/4001'], 'dht')
    expect(calls).toBe(1)
  })

  it('is dialled at once, and first, where it says itself that it is now', () => {
    candidates.succeeded(peerId, [address], 'dht')
    candidates.failed(peerId)
    const moved = '/ip4/192.0.2.2/tcp/4001'
    candidates.heard(peerId, [moved], 'dht')
    expect(candidates.list()).toMatchObject([{ nextAttempt: now + 1_000 }])
    candidates.heard(peerId, ['/ip4/192.0.2.3/tcp/4001'], 'exchange', { isNewest: true })
    const addresses = ['/ip4/192.0.2.3/tcp/4001', address, moved].map((each) => `${each}/p2p/${peerId}`)
    expect(candidates.list()).toMatchObject([{ addresses, nextAttempt: 0 }])
  })

  it('learns its newest address however often it has moved', () => {
    const at = (port: number): string => `/ip4/192.0.2.1/tcp/${port}`
    candidates.succeeded(peerId, [at(1)], 'dht')
    for (let port = 2; port <= 2 * peerLimits.addressesPerPeer; port++) {
      candidates.heard(peerId, [at(port)], 'exchange', { isNewest: true })
    }
    const newest = at(2 * peerLimits.addressesPerPeer)
    expect(candidates.list()[0]?.addresses[0]).toBe(`${newest}/p2p/${peerId}`)
  })

  it('waits longer after each failure, and is given up after three', () => {
    candidates.heard(peerId, [address], 'dht')
    candidates.failed(peerId)
    expect(candidates.list()).toMatchObject([{ failures: 1, nextAttempt: now + 1_000 }])
    candidates.failed(peerId)
    expect(candidates.list()).toMatchObject([{ failures: 2, nextAttempt: now + 2_000 }])
    candidates.failed(peerId)
    expect(candidates.givenUp()).toEqual([peerId])
  })

  it('is not taken back for a while once it is forgotten', () => {
    candidates.heard(peerId, [address], 'dht')
    candidates.forget(peerId)
    expect(candidates.heard(peerId, [address], 'dht')).toBe(false)
    now += peerTimes.avoidance
    expect(candidates.heard(peerId, [address], 'dht')).toBe(true)
  })
})

describe('a peer that was reached', () => {
  it('is remembered over a restart with the address that worked first', async () => {
    candidates.heard(peerId, ['/ip4/192.0.2.2/tcp/1'], 'dht')
    candidates.failed(peerId)
    candidates.succeeded(peerId, [address], 'dht')
    await known.settled()
    expect(table.get(peerId)).toMatchObject({
      addresses: [address, '/ip4/192.0.2.2/tcp/1'],
      lastSuccess: now,
      failures: 0,
    })
    open()
    expect(candidates.list()).toMatchObject([{ key: peerId, lastSuccess: now, nextAttempt: 0 }])
  })

  it('is forgiven with time what it lost', () => {
    candidates.succeeded(peerId, [address], 'dht')
    known.update(peerId, { score: -20 })
    const score = (): number | undefined => candidates.list()[0]?.score
    expect(score()).toBe(-20)
    now += scoreHalfLife
    expect(score()).toBe(-10)
    now += 20 * scoreHalfLife
    expect(score()).toBe(0)
  })

  it('is told from one that came by itself, until it was reached', () => {
    const source = (): string | undefined => known.get(peerId)?.source
    candidates.heard(peerId, [address], 'exchange')
    candidates.succeeded(peerId, [address], 'inbound')
    expect(source()).toBe('inbound')
    candidates.succeeded(peerId, [address], 'dht')
    expect(source()).toBe('dht')
    candidates.succeeded(peerId, [address], 'inbound')
    expect(source()).toBe('dht')
  })

  it('is not remembered when nobody could dial it', () => {
    candidates.succeeded(peerId, [], 'inbound')
    expect(candidates.list()).toEqual([])
  })

  it('is dialled again soon when it leaves, and counts as a failure when it did not stay', () => {
    candidates.succeeded(peerId, [address], 'dht')
    candidates.left(peerId, peerTimes.shortStay)
    expect(candidates.list()).toMatchObject([{ failures: 0, nextAttempt: now + 1_000 }])
    candidates.left(peerId, 1)
    candidates.left(peerId, 1)
    expect(candidates.list()).toMatchObject([{ failures: 2, nextAttempt: now + 2_000 }])
  })

  it('is no candidate while it is banned or avoided', () => {
    candidates.succeeded(peerId, [address], 'dht')
    known.update(peerId, { bannedUntil: now + 1 })
    expect(candidates.list()).toEqual([])
    now += 1
    expect(candidates.list()).toHaveLength(1)
    candidates.avoid(peerId, 10)
    expect(candidates.list()).toEqual([])
    candidates.welcome(peerId)
    expect(candidates.list()).toHaveLength(1)
  })

  it('is dialled later when it said that it has no room, whatever happens then', () => {
    candidates.succeeded(peerId, [address], 'dht')
    candidates.rest(peerId, 60_000)
    candidates.left(peerId, 1)
    expect(candidates.list()).toMatchObject([{ nextAttempt: now + 60_000 }])
  })

  it('can be an anchor until the next choice', () => {
    candidates.succeeded(peerId, [address], 'dht')
    candidates.setAnchors([peerId])
    expect(candidates.list()).toMatchObject([{ anchor: true }])
    candidates.setAnchors([])
    expect(candidates.list()).toMatchObject([{ anchor: false }])
  })
})

describe('a fixed address', () => {
  it('is a candidate for ever, with at most a minute and a half between attempts', () => {
    candidates.addFixed(address, 'connect')
    for (let failure = 0; failure < 100; failure++) candidates.failed(address)
    expect(candidates.list()).toMatchObject([{ fixed: true, failures: 100, nextAttempt: now + 60_000 }])
    expect(candidates.givenUp()).toEqual([])
  })

  it('stands for the known peer behind it, whose id is learnt by dialling', () => {
    candidates.addFixed(address, 'bootnode')
    candidates.resolve(address, peerId)
    candidates.succeeded(peerId, [address], 'bootnode')
    expect(candidates.list()).toMatchObject([{ key: address, peerId, fixed: true, lastSuccess: now }])
  })

  it('stands for the peer that was reached there before a restart', () => {
    candidates.succeeded(peerId, [address], 'dht')
    candidates.addFixed(address, 'bootnode')
    expect(candidates.list()).toMatchObject([
      { key: address, peerId, addresses: [address], lastSuccess: now },
    ])
  })

  it('is news once; of a bootnode’s the operator may make his own', () => {
    expect(candidates.addFixed(address, 'bootnode')).toBe(true)
    expect(candidates.addFixed(address, 'bootnode')).toBe(false)
    candidates.resolve(address, peerId)
    expect(candidates.isNamed(peerId)).toBe(false)
    expect(candidates.addFixed(address, 'connect')).toBe(true)
    expect(candidates.isNamed(peerId)).toBe(true)
    expect(candidates.addFixed(address, 'connect')).toBe(false)
    expect(candidates.addFixed(address, 'bootnode')).toBe(false)
  })

  it('is refused when it is no multiaddr', () => {
    expect(() => candidates.addFixed('example.org:1', 'connect')).toThrow(/no multiaddr/)
  })

  it('is nobody to dial while its peer is banned', () => {
    candidates.addFixed(`${address}/p2p/${peerId}`, 'connect')
    expect([candidates.hasAny, candidates.hasBanned]).toEqual([true, false])
    known.update(peerId, { bannedUntil: now + 1 })
    expect([candidates.hasAny, candidates.hasBanned]).toEqual([false, true])
    now += 1
    expect([candidates.hasAny, candidates.hasBanned]).toEqual([true, false])
  })

  it('is dialled as ever when its peer says that it has no room', () => {
    candidates.addFixed(`${address}/p2p/${peerId}`, 'connect')
    candidates.rest(peerId, 60_000)
    expect(candidates.list()).toMatchObject([{ nextAttempt: 0 }])
    expect(candidates.isNamed(peerId)).toBe(true)
    expect(candidates.isNamed('12D3KooWsomebodyelse')).toBe(false)
  })

  it('says why there is no peer, until there is one; those of the operator first', () => {
    expect(candidates.hasAny).toBe(false)
    candidates.addFixed('/ip4/192.0.2.9/tcp/1', 'bootnode')
    candidates.addFixed(`${address}/p2p/${peerId}`, 'connect')
    expect(candidates.hasAny).toBe(true)
    expect(candidates.troubles).toEqual([])
    candidates.failed('/ip4/192.0.2.9/tcp/1', 'nobody answers')
    candidates.failed(peerId, 'refused')
    expect(candidates.troubles).toEqual([
      { address: `${address}/p2p/${peerId}`, source: 'connect', why: 'refused' },
      { address: '/ip4/192.0.2.9/tcp/1', source: 'bootnode', why: 'nobody answers' },
    ])
    candidates.succeeded(peerId, [address], 'connect')
    expect(candidates.troubles).toMatchObject([{ why: 'nobody answers' }])
  })

  it('can be taken back', () => {
    candidates.addFixed(address, 'connect')
    expect(candidates.removeFixed(address)).toBe(true)
    expect(candidates.removeFixed(address)).toBe(false)
    expect(candidates.list()).toEqual([])
  })
})

describe('what is avoided', () => {
  it('stays bounded, the oldest being forgotten', () => {
    for (let peer = 0; peer <= peerLimits.avoided; peer++) candidates.avoid(`${peer}`, 10)
    expect(candidates.isAvoided('0')).toBe(false)
    expect(candidates.isAvoided('1')).toBe(true)
  })
})

describe('when the clock of the machine is set', () => {
  const day = 86_400_000

  beforeEach(() => {
    now = 10 * day
  })

  /** The clock of the machine goes on from another time; nothing else happens. */
  function setClock(milliseconds: number): void {
    now += milliseconds
    offset -= milliseconds
  }

  it.each([-day, day])('whoever failed is dialled as soon as without it (%i ms)', (milliseconds) => {
    candidates.heard(peerId, [address], 'dht')
    candidates.failed(peerId)
    const [candidate] = candidates.list()
    setClock(milliseconds)
    expect(candidates.list()).toEqual([candidate])
    expect(candidate?.nextAttempt).toBe(now + offset + 1_000)
    now += 1_000
    expect(candidates.isResting(peerId)).toBe(false)
  })

  it('nobody is avoided for longer', () => {
    candidates.avoid(peerId, 1_000)
    setClock(-day)
    now += 1_000
    expect(candidates.isAvoided(peerId)).toBe(false)
  })

  it('all may be dialled again at once, but for this node itself', () => {
    const other = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
    candidates.heard(peerId, [address], 'dht')
    candidates.rest(peerId, 600_000)
    candidates.avoid(peerId, 3_600_000)
    candidates.avoid(other, Number.POSITIVE_INFINITY)
    let calls = 0
    candidates.subscribe(() => calls++)
    candidates.reconsider()
    expect(calls).toBe(1)
    expect(candidates.list()).toMatchObject([{ key: peerId, nextAttempt: 0 }])
    expect(candidates.isAvoided(other)).toBe(true)
  })
})
