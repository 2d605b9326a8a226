import { protocolId } from '@chain/wire'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { describe, expect, it } from 'vitest'
import { discoveryLimits } from '../../src/discovery/discovery-limits.ts'
import { openSignedPeerRecord } from '../../src/discovery/signed-peer-record.ts'
import { createIdentity } from '../../src/host/identity.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import { handlePeers, requestPeers } from '../../src/protocols/peers.ts'
import { specId, startHost } from '../hosts.ts'
import { connectHosts } from '../loopback.ts'
import { connectNodes, startNode, type TestNode } from '../peers/nodes.ts'
import { type DiscoveringNode, startDiscovery } from './nodes.ts'

const noTarget = { mode: { peers: 'all', dht: false }, target: 0 } as const
const signal = AbortSignal.timeout(60_000)

/** A record of whom `key` belongs to, signed by `signer`. */
async function sealRecord(
  key: PrivateKey,
  addresses: readonly string[],
  { seq = 1n, signer = key }: { readonly seq?: bigint; readonly signer?: PrivateKey } = {},
): Promise<Uint8Array> {
  const multiaddrs = addresses.map((text) => multiaddr(text))
  const record = new PeerRecord({ peerId: peerIdFromPrivateKey(key), multiaddrs, seqNumber: seq })
  return (await RecordEnvelope.seal(record, signer)).marshal()
}

/** A peer of `node` that answers with these records. */
async function connectTeller(node: TestNode, answer: () => readonly Uint8Array[]): Promise<TestNode> {
  const teller = await startNode()
  await handlePeers(teller.host, specId, () => ({ records: answer() }))
  await connectNodes(node, teller)
  return teller
}

/** A node that asks when it is told to and never by itself. */
async function startAsker(now?: () => number): Promise<DiscoveringNode> {
  const asker = await startDiscovery(noTarget, now === undefined ? {} : { now })
  await asker.scheduler.stop()
  return asker
}

async function identified(node: TestNode, connect: () => Promise<unknown>): Promise<void> {
  await Promise.all([pEvent(node.host, 'peer:identify'), connect()])
}

describe('a signed record', () => {
  it('says where a peer is', async () => {
    const key = await createIdentity()
    const record = await openSignedPeerRecord(
      await sealRecord(key, ['/ip4/8.8.8.8/tcp/1'], { seq: 7n }),
      signal,
    )
    expect(record).toMatchObject({ peerId: peerIdFromPrivateKey(key).toString(), seq: 7n })
    expect(record.multiaddrs.map(String)).toEqual(['/ip4/8.8.8.8/tcp/1'])
  })

  it('holds only when it is signed by whom it is about, and not changed', async () => {
    const [key, signer] = [await createIdentity(), await createIdentity()]
    const forged = await sealRecord(key, ['/ip4/8.8.8.8/tcp/1'], { signer })
    await expect(openSignedPeerRecord(forged, signal)).rejects.toMatchObject({ code: 'answer-false' })
    const sealed = await sealRecord(key, ['/ip4/8.8.8.8/tcp/1'])
    const { publicKey, payload, payloadType, signature } = RecordEnvelope.createFromProtobuf(sealed)
    for (let index = 0; index < payload.length; index++) {
      const changed = payload.slice()
      changed.set(new Uint8Array([payload.subarray()[index] === 0 ? 1 : 0]), index)
      const envelope = new RecordEnvelope({ publicKey, payloadType, payload: changed, signature }).marshal()
      await expect(openSignedPeerRecord(envelope, signal)).rejects.toMatchObject({ code: 'answer-false' })
    }
    await expect(openSignedPeerRecord(new Uint8Array([1, 2, 3]), signal)).rejects.toMatchObject({
      code: 'answer-false',
    })
  })
})

describe('a node that asks a peer for others', () => {
  it('hears of those that the peer has talked to, at the addresses that they have signed', async () => {
    const [hub, third, asker] = [await startAsker(), await startNode(), await startAsker()]
    await identified(hub, () => connectNodes(third, hub))
    await connectNodes(asker, hub)
    expect(await asker.exchange.ask(signal)).toBe(true)
    expect(asker.candidates.list()).toContainEqual(
      expect.objectContaining({ key: third.id, source: 'exchange', addresses: third.addresses() }),
    )
    expect(asker.candidates.list().map(({ key }) => key)).not.toContain(asker.id)
  })

  it('takes nothing from a record that does not hold, and blames the peer', async () => {
    const asker = await startAsker()
    const [key, signer] = [await createIdentity(), await createIdentity()]
    const forged = await sealRecord(key, ['/ip4/127.0.0.1/tcp/1'], { signer })
    const teller = await connectTeller(asker, () => [forged])
    await expect(asker.exchange.ask(signal)).rejects.toMatchObject({ code: 'answer-false' })
    expect(asker.scores.get(teller.id, Date.now())).toBeLessThan(-20)
    expect(asker.candidates.list().map(({ key: id }) => id)).toEqual([teller.id])
  })

  it('believes the newest record, whoever brings it', async () => {
    let now = Date.now()
    const asker = await startAsker(() => now)
    const key = await createIdentity()
    const at = (port: number, seq: bigint) => sealRecord(key, [`/ip4/127.0.0.1/tcp/${port}`], { seq })
    const told = [await at(1, 5n), await at(2, 4n), await at(3, 6n)]
    await connectTeller(asker, () => told.splice(0, 1))
    const heard: (readonly string[] | undefined)[] = []
    for (let round = 0; round < 3; round++) {
      await asker.exchange.ask(signal)
      const id = peerIdFromPrivateKey(key).toString()
      heard.push(asker.candidates.list().find(({ key: each }) => each === id)?.addresses)
      now += discoveryLimits.askInterval
    }
    expect(heard.map((addresses) => addresses?.map((text) => text.split('/')[4]))).toEqual([
      ['1'],
      ['1'],
      ['3'],
    ])
  })

  it('asks nobody twice within five minutes', async () => {
    const asker = await startAsker()
    let asked = 0
    await connectTeller(asker, () => {
      asked += 1
      return []
    })
    await asker.exchange.ask(signal)
    await asker.exchange.ask(signal)
    expect(asked).toBe(1)
  })

  it('keeps a bounded number of those that one peer names', async () => {
    let now = Date.now()
    const asker = await startAsker(() => now)
    const teller = await connectTeller(asker, () => records)
    const many = Array.from({ length: 200 }, async (_, index) => {
      return await sealRecord(await createIdentity(), [`/ip4/127.0.0.1/tcp/${index + 1}`])
    })
    const all = await Promise.all(many)
    let records: readonly Uint8Array[] = []
    for (let round = 0; round < 4; round++) {
      records = all.slice(round * 50, round * 50 + 50)
      await asker.exchange.ask(signal)
      now += discoveryLimits.askInterval
    }
    const others = asker.candidates.list().filter(({ key }) => key !== teller.id)
    expect(others).toHaveLength(peerLimits.heardPerTeller)
    expect(asker.candidates.list().map(({ key }) => key)).toContain(teller.id)
  })
})

describe('a node that is asked for peers', () => {
  it('answers one asker once in two minutes', async () => {
    let now = Date.now()
    const [hub, third] = [await startAsker(() => now), await startNode()]
    await identified(hub, () => connectNodes(third, hub))
    const stranger = await startHost()
    const { connection } = await connectHosts(stranger, hub.host)
    const count = async (): Promise<number> =>
      (await requestPeers(connection, specId, { maxRecords: 50 })).records.length
    expect(await count()).toBe(1)
    expect(await count()).toBe(0)
    now += discoveryLimits.answerInterval
    expect(await count()).toBe(1)
  })

  it('tells of no one that it has only heard of, and of no one with whom it was not in touch lately', async () => {
    let now = Date.now()
    const [hub, third] = [await startAsker(() => now), await startNode()]
    await identified(hub, () => connectNodes(third, hub))
    const [key, gone] = [await createIdentity(), hub.next('peer-gone', third.id)]
    const rumour = peerIdFromPrivateKey(key)
    const envelope = await sealRecord(key, ['/ip4/127.0.0.1/tcp/9'])
    await hub.host.peerStore.consumePeerRecord(envelope, { expectedPeer: rumour })
    hub.candidates.heard(rumour.toString(), ['/ip4/127.0.0.1/tcp/9'], 'dht')
    await third.stop()
    await gone
    const ask = async (): Promise<string[]> => {
      const stranger = await startHost()
      const { connection } = await connectHosts(stranger, hub.host)
      const { records } = await requestPeers(connection, specId, { maxRecords: 50 })
      return await Promise.all(records.map(async (each) => (await openSignedPeerRecord(each, signal)).peerId))
    }
    expect(await ask()).toEqual([third.id])
    now += discoveryLimits.freshness
    expect(await ask()).toEqual([])
  })

  it('tells everybody the same part of a large table for an hour', async () => {
    let now = Date.now()
    const hub = await startAsker(() => now)
    for (let index = 0; index < 40; index++) {
      const key = await createIdentity()
      const peerId = peerIdFromPrivateKey(key)
      const envelope = await sealRecord(key, [`/ip4/127.0.0.1/tcp/${index + 1}`])
      await hub.host.peerStore.consumePeerRecord(envelope, { expectedPeer: peerId })
      hub.candidates.succeeded(peerId.toString(), [`/ip4/127.0.0.1/tcp/${index + 1}`], 'dht')
    }
    const ask = async (): Promise<string> => {
      const stranger = await startHost()
      const { connection } = await connectHosts(stranger, hub.host)
      const { records } = await requestPeers(connection, specId, { maxRecords: 50 })
      expect(records).toHaveLength(40 / discoveryLimits.toldShare)
      return records.map((record) => Buffer.from(record).toString('hex')).join()
    }
    const first = await ask()
    expect(await ask()).toBe(first)
    now += discoveryLimits.answerAge
    expect(await ask()).not.toBe(first)
  })

  it('tells where a peer of its sample is now', async () => {
    const hub = await startAsker()
    const keys = await Promise.all(Array.from({ length: 9 }, () => createIdentity()))
    const tell = async (port: number, seq: bigint): Promise<void> => {
      for (const key of keys) {
        const expectedPeer = peerIdFromPrivateKey(key)
        const envelope = await sealRecord(key, [`/ip4/127.0.0.1/tcp/${port}`], { seq })
        await hub.host.peerStore.consumePeerRecord(envelope, { expectedPeer })
        hub.candidates.succeeded(expectedPeer.toString(), [`/ip4/127.0.0.1/tcp/${port}`], 'dht')
      }
    }
    const ask = async (): Promise<string[]> => {
      const stranger = await startHost()
      const { connection } = await connectHosts(stranger, hub.host)
      const { records } = await requestPeers(connection, specId, { maxRecords: 50 })
      const opened = await Promise.all(records.map((each) => openSignedPeerRecord(each, signal)))
      return opened.flatMap(({ multiaddrs }) => multiaddrs.map(String))
    }
    await tell(1, 1n)
    expect(new Set(await ask())).toEqual(new Set(['/ip4/127.0.0.1/tcp/1']))
    await tell(2, 2n)
    expect(new Set(await ask())).toEqual(new Set(['/ip4/127.0.0.1/tcp/2']))
  })

  it('does not know the question when it looks for nobody', async () => {
    const node = await startDiscovery({ mode: { peers: 'connect-only', dht: false } })
    const stranger = await startHost()
    const { connection } = await connectHosts(stranger, node.host)
    await expect(requestPeers(connection, specId, { maxRecords: 50 })).rejects.toMatchObject({
      code: 'peer-speaks-other-protocol',
    })
    expect(node.host.getProtocols()).not.toContain(protocolId(specId, 'peers/1'))
  })
})
