import { describe, expect, it } from 'vitest'
import { formatMinute } from '../../src/cli/format.ts'
import { formatBans, formatKnown, formatPeers } from '../../src/cli/peers.ts'
import type { BanJson, KnownPeerJson, PeerJson } from '../../src/rpc/peer-json.ts'

const peerId = '12D3KooWNJonLFcgLevcuuvu3YozSCn2zzhLfn4Gh2iCq284bkHJ'
const peer: PeerJson = {
  peerId,
  address: `/ip4/203.0.113.17/tcp/8655/p2p/${peerId}`,
  direction: 'outbound',
  height: 123_456,
  bestHash: '00'.repeat(32),
  chainwork: '00'.repeat(32),
  agent: 'chain-node/0.1.0',
  servicesnames: ['NETWORK', 'COMPACT_FILTERS'],
  score: 0,
  latency: 123,
  connectedAt: 1_000,
  bytesrecv: 1_200_000_000,
  bytessent: 3_400_000,
}

describe('peers for people', () => {
  it('are an address and what is known of it, in at most 100 columns', () => {
    const lines = formatPeers([peer], 1_000 + 3 * 3_600).split('\n')
    expect(lines).toEqual([
      peer.address,
      '  outbound for 3 h, height 123456, ping 123 ms, 1.1 GiB in, 3.2 MiB out, chain-node/0.1.0',
    ])
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100)
  })

  it('have a score only when they have lost points, and no ping before it was measured', () => {
    const { latency: _, ...unmeasured } = peer
    expect(formatPeers([{ ...unmeasured, score: -12.5, servicesnames: [] }], 1_059)).toContain(
      'outbound for 59 s, height 123456, score -12.5, 1.1 GiB in, 3.2 MiB out, no blocks, chain-node',
    )
    expect(formatPeers([{ ...peer, servicesnames: ['NETWORK_LIMITED'] }], 1_000)).toContain('pruned')
  })
})

describe('known peers for people', () => {
  it('are an address, when they were there, and how they became known', () => {
    const known: KnownPeerJson = {
      peerId,
      addresses: [peer.address],
      source: 'exchange',
      time: 1_000,
      failures: 0,
    }
    const lost: KnownPeerJson = { peerId, addresses: [], source: 'dht', time: 0, failures: 2 }
    expect(formatKnown([known, lost], 1_000 + 2 * 86_400).split('\n')).toEqual([
      peer.address,
      '  there 2 d ago, known through exchange',
      peerId,
      '  never reached, failed attempts since: 2, known through dht',
    ])
    expect(formatKnown([], 0)).toBe('Nobody is known.')
  })
})

describe('bans for people', () => {
  it('say who is kept out, since when, until when and why', () => {
    const ban: BanJson = {
      address: peerId,
      ban_created: 1_800_000_000,
      banned_until: 1_800_086_400,
      ban_duration: 86_400,
      time_remaining: 5,
      ban_reason: 'invalid-block',
    }
    const { ban_created: _, ...old } = ban
    expect(formatBans([ban, { ...old, address: '192.0.2.1' }]).split('\n')).toEqual([
      `who${' '.repeat(49)}  since             until             why`,
      `${peerId}  ${formatMinute(1_800_000_000)}  ${formatMinute(1_800_086_400)}  invalid-block`,
      `192.0.2.1${' '.repeat(43)}  unknown           ${formatMinute(1_800_086_400)}  invalid-block`,
    ])
    expect(formatMinute(1_800_000_000)).toMatch(/^2027-01-1\d \d\d:\d\d$/)
    expect(formatBans([])).toBe('Nobody is banned.')
  })
})
