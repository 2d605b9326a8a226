import { describe, expect, it } from 'vitest'
import { Candidates } from '../../src/peers/candidates.ts'
import { KnownPeers, MemoryKnownPeers } from '../../src/peers/known-peers.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import { silentLog } from '../silent-log.ts'

const now = (): number => 1_000_000

function openTable(): { known: KnownPeers; candidates: Candidates; count: (prefix: string) => number } {
  const known = new KnownPeers(new MemoryKnownPeers(), now, silentLog)
  const candidates = new Candidates({ known, now, steady: now, random: () => 0.5 })
  const count = (prefix: string): number =>
    [...known.list()].filter(({ peerId }) => peerId.startsWith(prefix)).length
  return { known, candidates, count }
}

describe('the table of known peers', () => {
  it('is not filled by one who names many, who pushes out those that he named first', () => {
    const { candidates, known, count } = openTable()
    candidates.heard('honest', ['/ip4/10.0.0.1/tcp/1'], 'exchange', { teller: 'friend' })
    for (let index = 0; index < 5_000; index++) {
      candidates.heard(`spam ${index}`, [`/ip4/10.0.0.2/tcp/${index + 1}`], 'exchange', { teller: 'spammer' })
    }
    expect(count('spam')).toBe(peerLimits.heardPerTeller)
    expect(known.get('spam 4999')).toBeDefined()
    expect(known.get('honest')).toBeDefined()
  })

  it('keeps those that were reached, whoever had named them', () => {
    const { candidates, known } = openTable()
    candidates.heard('reached', ['/ip4/10.0.0.1/tcp/1'], 'exchange', { teller: 'spammer' })
    candidates.succeeded('reached', ['/ip4/10.0.0.1/tcp/1'], 'exchange')
    for (let index = 0; index < 1_000; index++) {
      candidates.heard(`spam ${index}`, [`/ip4/10.0.0.2/tcp/${index + 1}`], 'exchange', { teller: 'spammer' })
    }
    expect(known.get('reached')).toBeDefined()
  })

  it('is not filled by those who come and say where they are, wherever that is', () => {
    let time = 1_000_000
    const known = new KnownPeers(new MemoryKnownPeers(), () => time, silentLog)
    const candidates = new Candidates({ known, now: () => time, steady: () => time, random: () => 0.5 })
    candidates.succeeded('honest', ['/ip4/9.9.9.9/tcp/1'], 'dht')
    for (let index = 0; index < peerLimits.knownPeers + 100; index++) {
      time += 1
      const address = `/ip4/${30 + (index % 60)}.${Math.floor(index / 60)}.1.1/tcp/1`
      // Some of them had themselves named by others before.
      if (index % 2 === 0)
        candidates.heard(`spam ${index}`, [address], 'exchange', { teller: `spam ${index}` })
      candidates.succeeded(`spam ${index}`, [address], 'inbound')
    }
    expect(known.size).toBe(peerLimits.knownPeers)
    expect(known.get('honest')).toBeDefined()
  })

  it('is not filled from one public network, however many ids connect from there', () => {
    const { candidates, known, count } = openTable()
    candidates.succeeded('honest', ['/ip4/9.9.9.9/tcp/1'], 'dht')
    for (let index = 0; index < 1_000; index++) {
      candidates.succeeded(`spam ${index}`, [`/ip4/8.8.${index % 256}.1/tcp/1`], 'inbound')
    }
    expect(count('spam')).toBe(peerLimits.knownPerNetwork)
    expect(known.get('honest')).toBeDefined()
  })

  it('may hold a local network of any size', () => {
    const { candidates, count } = openTable()
    for (let index = 0; index < 1_000; index++) {
      candidates.succeeded(`local ${index}`, [`/ip4/192.168.1.1/tcp/${index + 1}`], 'inbound')
    }
    expect(count('local')).toBe(1_000)
  })

  it('forgets no ban for it', () => {
    const { candidates, known } = openTable()
    candidates.succeeded('banned', ['/ip4/8.8.8.8/tcp/1'], 'inbound')
    known.update('banned', { bannedUntil: now() + 1, banReason: 'invalid-block' })
    for (let index = 0; index < 200; index++) {
      candidates.succeeded(`spam ${index}`, [`/ip4/8.8.${index}.1/tcp/1`], 'inbound')
    }
    expect(known.get('banned')).toBeDefined()
  })

  it('counts a peer no more in a network that it has left', () => {
    const { candidates, known } = openTable()
    candidates.heard('peer', ['/ip4/8.8.8.8/tcp/1'], 'exchange', { isNewest: true })
    expect(known.networksOf('peer')).toEqual(['8.8.0.0/16'])
    candidates.heard('peer', ['/ip4/9.9.9.9/tcp/1'], 'exchange', { isNewest: true })
    expect(known.networksOf('peer')).toEqual(['9.9.0.0/16'])
    known.remove('peer')
    expect(known.networksOf('peer')).toEqual([])
  })
})
