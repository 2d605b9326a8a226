/** What strangers, stale holders and stubborn ones cannot do to the hash table, over real hosts. */

import type { ChainError } from '@chain/core/errors'
import { dhtProtocolId } from '@chain/wire'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import type { Key } from 'interface-datastore'
import { describe, expect, it } from 'vitest'
import { dhtLimits } from '../../src/dht/dht-limits.ts'
import { readEnvelope, valueLocation } from '../../src/dht/hash-table-store.ts'
import { decodeRecord } from '../../src/dht/signed-record.ts'
import { specId } from '../hosts.ts'
import { connectHosts } from '../loopback.ts'
import { bytesOf, countRows, keyOf, meet, startStar, startTable, type TableNode } from './tables.ts'

/** The value that a node keeps, as text. */
async function kept({ datastore }: TableNode, key: string): Promise<string> {
  const { value } = readEnvelope(await datastore.get(valueLocation(key)))
  return new TextDecoder().decode(decodeRecord(value).value)
}

function textOf(value: { readonly value: Uint8Array } | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value.value)
}

/** Two nodes that keep the value `new` of the first of them, its key, and the row of the value `old` before it. */
async function keepTwice(
  second?: TableNode,
): Promise<{ nodes: [TableNode, TableNode]; key: string; old: Uint8Array }> {
  const nodes: [TableNode, TableNode] = [await startTable(), second ?? (await startTable())]
  await meet(...nodes)
  const { key } = await nodes[0].table.put('greeting', bytesOf('old'))
  const old = await nodes[1].datastore.get(valueLocation(key))
  await nodes[0].table.put('greeting', bytesOf('new'))
  return { nodes, key, old }
}

/** A search as the library makes it: while it ends with an error here, ours has a reason to be. */
async function drain({ host }: TableNode, key: string): Promise<void> {
  const signal = AbortSignal.timeout(20_000)
  for await (const _ of host.services.dht?.get(bytesOf(key), { signal }) ?? []);
}

/** A store that takes no value any more once it is told so. */
class StubbornDatastore extends MemoryDatastore {
  isStubborn = false

  override put(key: Key, value: Uint8Array): Key {
    if (this.isStubborn && key.toString().startsWith('/dht/record/')) throw new Error('I will not.')
    return super.put(key, value) as Key
  }
}

describe('a value', () => {
  it('that is stale somewhere is corrected by whoever gets it', async () => {
    const { nodes, key, old } = await keepTwice()
    const reader = await startTable()
    await meet(reader, nodes[0])
    await meet(reader, nodes[1])
    await nodes[1].datastore.put(valueLocation(key), old)
    expect(await kept(nodes[1], key)).toBe('old')
    expect(textOf(await reader.table.get(key))).toBe('new')
    await expect.poll(() => kept(nodes[1], key), { timeout: 20_000 }).toBe('new')
  })

  it('is got although somebody keeps a stale one and takes no correction', async () => {
    const datastore = new StubbornDatastore()
    const { nodes, key, old } = await keepTwice(await startTable({ datastore }))
    const reader = await startTable()
    await meet(reader, nodes[0])
    await meet(reader, nodes[1])
    datastore.put(valueLocation(key), old)
    datastore.isStubborn = true
    await expect(drain(reader, key)).rejects.toThrow('Could not send correction')
    for (let count = 0; count < 3; count += 1) expect(textOf(await reader.table.get(key))).toBe('new')
    expect(await kept(nodes[1], key)).toBe('old')
  })

  it('is not rolled back by who kept the one before', async () => {
    const { nodes, key, old } = await keepTwice()
    const attacker = await startTable()
    await meet(attacker, nodes[0])
    await meet(attacker, nodes[1])
    const { value } = readEnvelope(old)
    const answers: string[] = []
    const signal = AbortSignal.timeout(20_000)
    for await (const event of attacker.host.services.dht?.put(bytesOf(key), value, { signal }) ?? []) {
      if (event.name === 'QUERY_ERROR') answers.push(event.name)
    }
    expect(answers).toHaveLength(2)
    for (const node of nodes) expect(await kept(node, key)).toBe('new')
    expect(textOf(await attacker.table.get(key))).toBe('new')
  })

  it('of an unknown name space, or unsigned, is kept by nobody', async () => {
    const [first, second] = await startStar(2)
    const signal = AbortSignal.timeout(20_000)
    const before = await countRows(first?.datastore as MemoryDatastore, '/dht/record/')
    for (const key of ['/text/greeting', `/record/${second?.peerId}/greeting`]) {
      try {
        for await (const _ of second?.host.services.dht?.put(bytesOf(key), bytesOf('hello'), { signal }) ??
          []);
      } catch (error) {
        expect((error as ChainError).code).toMatch(/record-(key-malformed|refused)/)
      }
    }
    expect(await countRows(first?.datastore as MemoryDatastore, '/dht/record/')).toBe(before)
  })

  it('after the other fills no more than the room of its publisher', async () => {
    const [first, second] = await startStar(2)
    for (let count = 0; count < dhtLimits.valuesPerPublisher + 6; count += 1) {
      // It forgets what it has put itself, and so may put more.
      const location = valueLocation(`/record/${second?.peerId}/name-${count}`)
      await second?.table.put(`name-${count}`, bytesOf('spam'))
      await second?.datastore.delete(location)
    }
    // The first keeps a value of its own from when they met.
    expect(await countRows(first?.datastore as MemoryDatastore, '/dht/record/')).toBe(
      dhtLimits.valuesPerPublisher + 1,
    )
  })
})

describe('provider records', () => {
  it('of one peer fill no more than its room, and never that of rendezvous', async () => {
    const [first, second, third] = await startStar(3)
    const signal = AbortSignal.timeout(60_000)
    for await (const _ of third?.host.services.dht?.provide(await keyOf('rendezvous'), { signal }) ?? []);
    for (let count = 0; count < dhtLimits.providersPerSender + 6; count += 1) {
      await second?.table.provide(`file ${count}`)
    }
    const rows = first?.datastore as MemoryDatastore
    await expect
      .poll(() => countRows(rows, '/dht/provider/'), { timeout: 20_000 })
      .toBe(dhtLimits.providersPerSender + 1)
  })

  it('add no more addresses to a peer than are kept of one', async () => {
    const announce = (group: number): string[] =>
      Array.from({ length: 6 }, (_, index) => `/ip4/127.0.${group}.${index}/tcp/4001`)
    const first = await startTable()
    const second = await startTable({ host: { announce: announce(1) } })
    await meet(second, first)
    for (let group = 2; group < 6; group += 1) {
      await first.host.peerStore.merge(second.host.peerId, {
        multiaddrs: announce(group).map((text) => multiaddr(text)),
      })
      await second.table.provide('a file')
      const count = async (): Promise<number> =>
        (await first.host.peerStore.get(second.host.peerId)).addresses.length
      await expect.poll(count, { timeout: 20_000 }).toBeLessThanOrEqual(dhtLimits.addressesPerPeer)
    }
  })
})

describe('the protocol', () => {
  /** Opens a stream to the table of a node and writes bytes; resolves to what the node found wrong with it. */
  async function provoke(write: (stream: Stream) => void): Promise<string> {
    let tell: (code: string) => void = () => undefined
    const fault = new Promise<string>((resolve) => {
      tell = resolve
    })
    const node = await startTable({ dht: { onFault: (_, error) => tell(error.code) } })
    const attacker = await startTable()
    const { connection } = await connectHosts(attacker.host, node.host)
    const stream = await connection.newStream(dhtProtocolId(specId))
    write(stream)
    return await fault
  }

  it('knows no long requests', async () => {
    expect(await provoke((stream) => stream.send(Uint8Array.of(0x81, 0x80, 0x01)))).toBe('frame-too-large')
  })

  it('knows one request on each stream', async () => {
    const ping = [2, 0x08, 0x05]
    expect(await provoke((stream) => stream.send(Uint8Array.from([...ping, ...ping])))).toBe(
      'frame-unexpected',
    )
  })

  it('is not shared with another network', async () => {
    const first = await startTable()
    const foreigner = await startTable({ host: { specId: 'ffffffff' } })
    const { connection } = await connectHosts(foreigner.host, first.host)
    await expect(connection.newStream(dhtProtocolId('ffffffff'))).rejects.toThrow()
  })
})
