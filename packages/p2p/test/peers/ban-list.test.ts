import { beforeEach, describe, expect, it } from 'vitest'
import { BanList } from '../../src/peers/ban-list.ts'
import { KnownPeers, MemoryKnownPeers } from '../../src/peers/known-peers.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import { silentLog } from '../silent-log.ts'

let now: number
let table: MemoryKnownPeers
let known: KnownPeers
let bans: BanList

function open(): BanList {
  known = new KnownPeers(table, () => now, silentLog)
  return new BanList(known, () => now)
}

beforeEach(() => {
  now = 1_000
  table = new MemoryKnownPeers()
  bans = open()
})

describe('a ban', () => {
  it('holds until it ends', () => {
    bans.ban('peer', 500, 'invalid-block')
    expect(bans.isBanned('peer')).toBe(true)
    now = 1_500
    expect(bans.isBanned('peer')).toBe(false)
  })

  it('is listed with its reason, the first to end first', () => {
    bans.ban('later', 900, 'invalid-block')
    bans.ban('192.0.2.1', 500, 'asked for')
    expect(bans.list()).toEqual([
      { subject: '192.0.2.1', since: 1_000, until: 1_500, reason: 'asked for' },
      { subject: 'later', since: 1_000, until: 1_900, reason: 'invalid-block' },
    ])
  })

  it('can be lifted', () => {
    bans.ban('peer', 500, 'invalid-block')
    bans.ban('2001:db8::1', 500, 'asked for')
    expect(bans.unban('peer')).toBe(true)
    expect(bans.unban('2001:db8::1')).toBe(true)
    expect(bans.unban('peer')).toBe(false)
    expect(bans.list()).toEqual([])
  })

  it('outlives a restart, of peers and of IP addresses', async () => {
    bans.ban('peer', 500, 'invalid-block')
    bans.ban('2001:db8::1', 500, 'asked for')
    await known.settled()
    const reopened = open()
    expect(reopened.isBanned('peer')).toBe(true)
    expect(reopened.isBanned('2001:db8::1')).toBe(true)
    expect(reopened.isBanned('2001:db8::2')).toBe(false)
  })

  it('of an IP address leaves nothing behind when it has ended', async () => {
    bans.ban('192.0.2.1', 500, 'asked for')
    now = 1_500
    bans.prune()
    await known.settled()
    expect(table.list()).toEqual([])
  })

  it('that ends first is lifted when there are too many', () => {
    for (let peer = 0; peer <= peerLimits.bans; peer++) bans.ban(`peer-${peer}`, 500 + peer, 'invalid-block')
    expect(bans.list()).toHaveLength(peerLimits.bans)
    expect(bans.isBanned('peer-0')).toBe(false)
    expect(bans.isBanned('peer-1')).toBe(true)
  })
})
