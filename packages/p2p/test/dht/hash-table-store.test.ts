import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { Libp2pRecord } from '@libp2p/record'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { dhtLimits } from '../../src/dht/dht-limits.ts'
import {
  HashTableStore,
  type HashTableStoreModules,
  multihashText,
  valueLocation,
} from '../../src/dht/hash-table-store.ts'
import { formatRecordKey } from '../../src/dht/record-key.ts'
import { answerSender } from '../../src/dht/sender.ts'
import { signRecord } from '../../src/dht/signed-record.ts'
import { createIdentity, type Identity } from '../../src/host/identity.ts'
import { specId } from '../hosts.ts'
import { bytesOf, countRows, keyOf } from './tables.ts'

const now = Date.parse('2030-01-01')
const selfIdentity = await createIdentity(new Uint8Array(32).fill(1))
const self: PeerId = peerIdFromPrivateKey(selfIdentity)
const rendezvous = await keyOf('rendezvous')

interface Opened {
  readonly store: HashTableStore
  readonly rows: MemoryDatastore
  readonly clock: { time: number }
}

function open(
  changes: Partial<HashTableStoreModules> = {},
  rows: MemoryDatastore = new MemoryDatastore(),
): Opened {
  const clock = { time: now }
  const store = new HashTableStore({
    datastore: rows,
    peerStore: { has: async () => true },
    self,
    rendezvous: [rendezvous],
    now: () => clock.time,
    random: Math.random,
    ...changes,
  })
  return { store, rows, clock }
}

/** Peer ids of people that do not exist. */
async function strangers(count: number): Promise<PeerId[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => peerIdFromPrivateKey(await createIdentity())),
  )
}

function connection(remotePeer: PeerId, address = '/ip4/127.0.0.1/tcp/1'): Connection {
  return { remotePeer, remoteAddr: multiaddr(address) } as Connection
}

async function provide(store: HashTableStore, text: string, peer: PeerId, address?: string): Promise<void> {
  const key = text === 'rendezvous' ? rendezvous : await keyOf(text)
  const row = new Key(`/dht/provider/${multihashText(key)}/${peer.toString()}`)
  await answerSender(connection(peer, address), () => store.put(row, Uint8Array.of(1)))
}

async function providers(store: HashTableStore, text: string): Promise<string[]> {
  const found: string[] = []
  const prefix = `/dht/provider/${multihashText(await keyOf(text))}`
  for await (const { key } of store.query({ prefix })) found.push(key.name())
  return found
}

async function putValue(
  store: HashTableStore,
  publisher: Identity,
  {
    name = 'greeting',
    sequence = 1,
    expires = now / 1_000 + 60,
    sender = self,
    address = '/ip4/127.0.0.1/tcp/1',
  } = {},
): Promise<Key> {
  const key = formatRecordKey(peerIdFromPrivateKey(publisher), name)
  const value = await signRecord(publisher, specId, key, { sequence, expires, value: bytesOf(name) })
  const bytes = new Libp2pRecord(bytesOf(key), value, new Date(now)).serialize().subarray()
  const location = valueLocation(key)
  await answerSender(connection(sender, address), () => store.put(location, bytes))
  return location
}

describe('values', () => {
  it('older than the one that is kept are refused, also after a restart', async () => {
    const { store, rows } = open()
    const identity = await createIdentity()
    await putValue(store, identity, { sequence: 5 })
    const again = open({}, rows).store
    for (const one of [store, again]) {
      await expect(putValue(one, identity, { sequence: 4 })).rejects.toThrow(
        expect.objectContaining({ code: 'record-outdated' }),
      )
      await putValue(one, identity, { sequence: 5 })
    }
  })

  it('of one publisher are bounded, the oldest goes', async () => {
    const { store, rows } = open()
    const identity = await createIdentity()
    const [first] = [await putValue(store, identity, { name: 'first' })]
    for (let count = 1; count <= dhtLimits.valuesPerPublisher; count += 1) {
      await putValue(store, identity, { name: `name-${count}` })
    }
    expect(await countRows(rows, '/dht/record/')).toBe(dhtLimits.valuesPerPublisher)
    expect(await rows.has(first)).toBe(false)
  })

  it('of one network of senders are bounded whatever their peer ids', async () => {
    const { store, rows } = open()
    const honest = await putValue(store, await createIdentity(), { address: '/ip4/198.51.100.7/tcp/1' })
    for (const sender of await strangers(dhtLimits.valuesPerSender + 20)) {
      await putValue(store, await createIdentity(), { sender, address: '/ip4/203.0.113.9/tcp/1' })
    }
    expect(await countRows(rows, '/dht/record/')).toBe(dhtLimits.valuesPerSender + 1)
    expect(await rows.has(honest)).toBe(true)
  })

  it('stay those of whoever brought them, though a stranger brings them again', async () => {
    const { store, rows } = open()
    const identity = await createIdentity()
    const honest = await putValue(store, identity, { address: '/ip4/198.51.100.7/tcp/1' })
    const address = '/ip4/203.0.113.9/tcp/1'
    await putValue(store, identity, { address })
    for (let count = 0; count < dhtLimits.valuesPerSender + 1; count += 1) {
      await putValue(store, await createIdentity(), { address })
    }
    expect(await rows.has(honest)).toBe(true)
    expect(await countRows(rows, '/dht/record/')).toBe(dhtLimits.valuesPerSender + 1)
  })

  it('of this node are not displaced by others', async () => {
    const { store, rows } = open()
    const own = [
      await putValue(store, selfIdentity, { name: 'one' }),
      await putValue(store, selfIdentity, { name: 'two' }),
    ]
    for (let count = 0; count < dhtLimits.values + 1; count += 1) {
      const address = `/ip4/203.0.${count >> 8}.${count & 255}/tcp/1`
      await putValue(store, await createIdentity(), { address })
    }
    for (const key of own) expect(await rows.has(key)).toBe(true)
    expect(await countRows(rows, '/dht/record/')).toBe(dhtLimits.values + own.length)
  })

  it('that have expired are not followed by older ones that live longer', async () => {
    const { store, clock } = open()
    const identity = await createIdentity()
    const older = { sequence: 1, expires: now / 1_000 + 100_000 }
    await putValue(store, identity, older)
    const key = await putValue(store, identity, { sequence: 2, expires: now / 1_000 + 60 })
    clock.time += 61_000
    await expect(store.get(key)).rejects.toThrow(expect.objectContaining({ name: 'NotFoundError' }))
    await store.sweep()
    await expect(putValue(store, identity, older)).rejects.toThrow(
      expect.objectContaining({ code: 'record-outdated' }),
    )
    await putValue(store, identity, { sequence: 3, expires: now / 1_000 + 120 })
    expect(await store.get(key)).toBeInstanceOf(Uint8Array)
  })

  it('that have expired are not told, and are removed when no older one can be left', async () => {
    const { store, rows, clock } = open()
    const key = await putValue(store, await createIdentity())
    await putValue(store, await createIdentity(), { expires: now / 1_000 + 120 })
    expect(await store.get(key)).toBeInstanceOf(Uint8Array)
    clock.time += 61_000
    await expect(store.get(key)).rejects.toThrow(expect.objectContaining({ name: 'NotFoundError' }))
    clock.time += 60_000
    await store.sweep()
    expect(await countRows(rows, '/dht/record/')).toBe(2)
    clock.time += dhtLimits.valueLifetime
    await store.sweep()
    expect(await countRows(rows, '/dht/record/')).toBe(0)
  })

  it('that are damaged or expired long ago are gone after a restart', async () => {
    const { store, rows } = open()
    const key = await putValue(store, await createIdentity())
    const sound = await putValue(store, await createIdentity())
    await putValue(store, await createIdentity(), { expires: (now - dhtLimits.valueLifetime) / 1_000 })
    await rows.put(key, Uint8Array.of(1, 2, 3))
    await open({}, rows).store.sweep()
    expect(await countRows(rows, '/dht/record/')).toBe(1)
    expect(await rows.has(sound)).toBe(true)
  })
})

describe('provider records', () => {
  it('of rendezvous keys are not displaced by others', async () => {
    const { store, rows } = open()
    const [friend, ...crowd] = await strangers(30)
    await provide(store, 'rendezvous', friend as PeerId)
    for (const [index, peer] of crowd.entries())
      await provide(store, 'popular', peer, `/ip4/203.0.113.${index}/tcp/1`)
    const [spammer] = await strangers(1)
    for (let count = 0; count < dhtLimits.providersPerSender + 40; count += 1) {
      await provide(store, `key ${count}`, spammer as PeerId)
    }
    expect(await providers(store, 'rendezvous')).toEqual([friend?.toString()])
    expect(await countRows(rows, '/dht/provider/')).toBe(1 + crowd.length + dhtLimits.providersPerSender)
  })

  it('of one key are bounded, and its oldest goes', async () => {
    const { store, rows } = open()
    const crowd = await strangers(dhtLimits.providersPerKey + 1)
    for (const [index, peer] of crowd.entries())
      await provide(store, 'popular', peer, `/ip4/203.0.113.${index}/tcp/1`)
    const prefix = `/dht/provider/${multihashText(await keyOf('popular'))}`
    expect(await countRows(rows, prefix)).toBe(dhtLimits.providersPerKey)
    expect(await rows.has(new Key(`${prefix}/${crowd[0]?.toString()}`))).toBe(false)
  })

  it('of one network of addresses take a part of a key only', async () => {
    const { store, rows } = open()
    for (const [index, peer] of (await strangers(dhtLimits.meetingPeersPerNetwork + 5)).entries()) {
      await provide(store, 'rendezvous', peer, `/ip6/2001:db8:1:${index}::3/tcp/1`)
    }
    expect(await countRows(rows, '/dht/provider/')).toBe(dhtLimits.meetingPeersPerNetwork)
  })

  it('of this node are never refused', async () => {
    const { store, rows } = open()
    for (let count = 0; count < dhtLimits.providersPerSender + 5; count += 1)
      await provide(store, `${count}`, self)
    expect(await countRows(rows, '/dht/provider/')).toBe(dhtLimits.providersPerSender + 5)
  })

  it('are drawn anew for each answer', async () => {
    const { store } = open()
    const crowd = await strangers(60)
    for (const peer of crowd) await provide(store, 'rendezvous', peer)
    const seen = new Set<string>()
    for (let count = 0; count < 40; count += 1) {
      const drawn = await providers(store, 'rendezvous')
      expect(drawn).toHaveLength(dhtLimits.providersPerAnswer)
      for (const peer of drawn) seen.add(peer)
    }
    expect(seen.size).toBeGreaterThan(40)
  })

  it('are drawn from all networks alike, however many peers one of them has', async () => {
    const { store } = open()
    const crowd = await strangers(dhtLimits.meetingPeersPerNetwork)
    for (const peer of crowd) await provide(store, 'rendezvous', peer, '/ip4/203.0.113.9/tcp/1')
    const honest = await strangers(dhtLimits.providersPerAnswer - 1)
    for (const [index, peer] of honest.entries())
      await provide(store, 'rendezvous', peer, `/ip4/198.51.100.${index}/tcp/1`)
    for (let count = 0; count < 10; count += 1) {
      expect(await providers(store, 'rendezvous')).toEqual(expect.arrayContaining(honest.map(String)))
    }
  })

  it('of keys that no hash is as long as are refused', async () => {
    const { store, rows } = open()
    const [peer] = await strangers(1)
    const row = (length: number): Key => new Key(`/dht/provider/${'a'.repeat(length)}/${peer?.toString()}`)
    const put = (length: number): Promise<Key> =>
      answerSender(connection(peer as PeerId), () => store.put(row(length), Uint8Array.of(1)))
    await put(dhtLimits.providerKeyLength)
    await expect(put(dhtLimits.providerKeyLength + 1)).rejects.toThrow(
      expect.objectContaining({ code: 'record-refused' }),
    )
    expect(await countRows(rows, '/dht/provider/')).toBe(1)
  })

  it('of those whom the peer store has forgotten are not told', async () => {
    const [known, forgotten] = await strangers(2)
    const { store } = open({ peerStore: { has: async (peer) => peer.equals(known) } })
    for (const peer of [known, forgotten]) await provide(store, 'rendezvous', peer as PeerId)
    expect(await providers(store, 'rendezvous')).toEqual([known?.toString()])
  })

  it('are known after a restart, and gone when they were deleted', async () => {
    const { store, rows } = open()
    const [one, two] = await strangers(2)
    for (const peer of [one, two]) await provide(store, 'rendezvous', peer as PeerId)
    const again = open({}, rows).store
    await again.delete(new Key(`/dht/provider/${multihashText(rendezvous)}/${one?.toString()}`))
    expect((await providers(again, 'rendezvous')).map((id) => peerIdFromString(id).toString())).toEqual([
      two?.toString(),
    ])
  })
})
