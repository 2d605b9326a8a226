import { describe, expect, it } from 'vitest'
import { KnownPeers, MemoryKnownPeers } from '../../src/peers/known-peers.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import { silentLog } from '../silent-log.ts'

function open(table: MemoryKnownPeers, now = (): number => 1_000): KnownPeers {
  return new KnownPeers(table, now, silentLog)
}

describe('known peers', () => {
  it('are read from the table', () => {
    const table = new MemoryKnownPeers()
    open(table).update('peer', { addresses: ['/ip4/192.0.2.1/tcp/1'], source: 'dht' })
    expect(open(table).get('peer')).toEqual({
      peerId: 'peer',
      addresses: ['/ip4/192.0.2.1/tcp/1'],
      source: 'dht',
      score: 0,
      firstSeen: 1_000,
      failures: 0,
    })
  })

  it('that are only heard of are not written until something else is', async () => {
    const table = new MemoryKnownPeers()
    const known = open(table)
    known.update('peer', { addresses: ['/ip4/192.0.2.1/tcp/1'] }, 'remember')
    await known.settled()
    expect(table.list()).toEqual([])
    known.update('peer', { lastSuccess: 5 })
    await known.settled()
    expect(table.get('peer')).toMatchObject({ addresses: ['/ip4/192.0.2.1/tcp/1'], lastSuccess: 5 })
  })

  it('lose a field that is set to undefined', () => {
    const known = open(new MemoryKnownPeers())
    known.update('peer', { anchor: true })
    known.update('peer', { anchor: undefined })
    expect(known.get('peer')).not.toHaveProperty('anchor')
  })

  it('are removed from the table, too', async () => {
    const table = new MemoryKnownPeers()
    const known = open(table)
    known.update('peer', {})
    known.remove('peer')
    await known.settled()
    expect(table.list()).toEqual([])
  })

  it('stay bounded, and those that were reached outlast those that were only heard of', async () => {
    const table = new MemoryKnownPeers()
    const known = open(table)
    known.update('reached', { lastSuccess: 5 })
    known.update('banned', { bannedUntil: 9_000 })
    for (let peer = 0; peer < peerLimits.knownPeers; peer++) known.update(`heard-${peer}`, {}, 'remember')
    await known.settled()
    expect([...known.list()]).toHaveLength(peerLimits.knownPeers)
    expect(known.get('reached')).toBeDefined()
    expect(known.get('banned')).toBeDefined()
  })

  it('are written together, so that the disk is waited for once', async () => {
    const table = new MemoryKnownPeers()
    const written = Promise.withResolvers<void>()
    let count = 0
    let most = 0
    table.put = async () => {
      count += 1
      most = Math.max(most, count)
      await written.promise
      count -= 1
    }
    const known = open(table)
    known.update('first', {})
    for (const peer of ['second', 'third', 'fourth']) known.update(peer, {})
    expect(most).toBe(1)
    written.resolve()
    await known.settled()
    expect([count, most]).toEqual([0, 3])
  })

  it('are read without the addresses that this version does not know', async () => {
    const table = new MemoryKnownPeers()
    const row = { peerId: 'peer', source: 'dht', score: 0, firstSeen: 1, failures: 0 } as const
    await table.put({ ...row, addresses: ['nonsense', '/ip4/192.0.2.1/tcp/1', '/later/protocol'] })
    expect(open(table).get('peer')?.addresses).toEqual(['/ip4/192.0.2.1/tcp/1'])
  })

  it('survive a table that cannot be written', async () => {
    const table = new MemoryKnownPeers()
    const warnings: string[] = []
    table.put = () => Promise.reject(new Error('The disk is full.'))
    const warn = (_: object, message: string): void => void warnings.push(message)
    const known = new KnownPeers(table, () => 0, { ...silentLog, warn })
    known.update('peer', {})
    await known.settled()
    expect(known.get('peer')).toBeDefined()
    expect(warnings).toEqual(['A known peer could not be saved'])
  })
})
