import { expect, test } from 'vitest'
import type { KnownPeer } from '../src/known-peer.ts'
import { KnownPeers } from '../src/known-peers.ts'
import { temporaryEnvironment } from './temporary-environment.ts'

function peer(peerId: string, fields: Partial<KnownPeer> = {}): KnownPeer {
  return {
    peerId,
    addresses: [`/ip4/127.0.0.1/tcp/4001/p2p/${peerId}`],
    source: 'dht',
    score: 0,
    firstSeen: 1000,
    failures: 0,
    ...fields,
  }
}

test('a peer is there again when the table is opened again, with every field', async () => {
  const environment = temporaryEnvironment()
  const known = await KnownPeers.open(environment)
  const full = peer('full', {
    lastAttempt: 2000,
    lastSuccess: 3000,
    bannedUntil: 4000,
    bannedSince: 3500,
    banReason: 'sent an invalid block',
    anchor: true,
    score: -50.5,
  })
  await known.put(full)
  await known.put(peer('bare'))
  const again = await KnownPeers.open(environment)
  expect(again.get('full')).toEqual(full)
  expect(again.get('bare')).toEqual(peer('bare'))
  expect(again.list()).toHaveLength(2)
})

test('a put replaces and a remove forgets', async () => {
  const environment = temporaryEnvironment()
  const known = await KnownPeers.open(environment)
  await known.put(peer('a', { score: 1 }))
  await known.put(peer('a', { score: 2 }))
  expect(known.get('a')?.score).toBe(2)
  await known.remove('a')
  await known.remove('a')
  expect(known.get('a')).toBeUndefined()
  expect((await KnownPeers.open(environment)).list()).toEqual([])
})

test('over the limit the peers that were never reached go first, the oldest before the others', async () => {
  const environment = temporaryEnvironment()
  const known = await KnownPeers.open(environment, { limit: 5 })
  await known.put(peer('reached', { lastSuccess: 10, firstSeen: 1 }))
  await known.put(peer('anchor', { anchor: true, firstSeen: 0 }))
  await known.put(peer('banned', { bannedUntil: 1e15, firstSeen: 0 }))
  await known.put(peer('old', { firstSeen: 2 }))
  await known.put(peer('young', { firstSeen: 3 }))
  const names = (): string[] => known.list().map(({ peerId }) => peerId)
  await known.put(peer('new-1', { firstSeen: 4 }))
  expect(names()).not.toContain('old')
  await known.put(peer('new-2', { firstSeen: 5 }))
  await known.put(peer('new-3', { firstSeen: 6 }))
  expect(names()).toEqual(['reached', 'anchor', 'banned', 'new-2', 'new-3'])
  expect((await KnownPeers.open(environment)).list()).toHaveLength(5)
})

test('damaged rows are dropped with a report, the others stay', async () => {
  const environment = temporaryEnvironment()
  await (await KnownPeers.open(environment)).put(peer('good'))
  const damaged = [
    'not JSON',
    'null',
    '[]',
    JSON.stringify(peer('somebody else')),
    JSON.stringify({ ...peer('row-4'), addresses: [1] }),
    JSON.stringify({ ...peer('row-5'), score: null }),
    JSON.stringify({ ...peer('row-6'), source: 'rumour' }),
    JSON.stringify({ ...peer('row-7'), lastSuccess: 'yesterday' }),
  ]
  await environment.write(
    damaged.map((text, index) => ({
      table: 'peers',
      key: Buffer.from(`row-${index}`),
      value: Buffer.from(text),
    })),
  )
  const reports: string[] = []
  const known = await KnownPeers.open(environment, { report: (sentence) => reports.push(sentence) })
  expect(known.list()).toEqual([peer('good')])
  expect(reports).toEqual(['Dropped 8 damaged rows of the table of known peers.'])
  await KnownPeers.open(environment, { report: (sentence) => reports.push(sentence) })
  expect(reports).toHaveLength(1)
})

test('addresses that a stranger could fill the disk with are left out', async () => {
  const known = await KnownPeers.open(temporaryEnvironment())
  const many = Array.from({ length: 100 }, (_, index) => `/ip4/1.2.3.4/tcp/${index + 1}`)
  await known.put(peer('a', { addresses: ['x'.repeat(513), ...many], banReason: 'y'.repeat(1000) }))
  expect(known.get('a')?.addresses).toEqual(many.slice(0, 32))
  expect(known.get('a')?.banReason).toHaveLength(512)
})

test('a peer that could not be read again is not taken', async () => {
  const known = await KnownPeers.open(temporaryEnvironment())
  await expect(known.put(peer('a', { score: Number.NaN }))).rejects.toThrow('malformed')
  expect(known.list()).toEqual([])
})

test('after the store was closed puts and removes do nothing', async () => {
  const environment = temporaryEnvironment()
  const known = await KnownPeers.open(environment)
  await known.put(peer('a'))
  await environment.close()
  await known.put(peer('b'))
  await known.remove('a')
})
