import { type Libp2pEvents, type PeerId, TypedEventEmitter } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { expect, it } from 'vitest'
import { createIdentity } from '../../src/host/identity.ts'
import { Visitors } from '../../src/host/visitors.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import { startHost } from '../hosts.ts'

it('those who come under new peer ids again and again are forgotten, but not those who are of use', async () => {
  const { peerStore, peerId, logger } = await startHost()
  const datastore = new MemoryDatastore()
  const events = new TypedEventEmitter<Libp2pEvents>()
  const connected = new Set<string>()
  const visitors = new Visitors({
    peerId,
    peerStore,
    datastore,
    events,
    connectionManager: { getConnections: (id) => (connected.has(id.toString()) ? [id] : []) },
    logger,
  })
  const visit = async (tags = {}): Promise<PeerId> => {
    const id = peerIdFromPrivateKey(await createIdentity())
    await peerStore.merge(id, { protocols: ['/test/1'], tags })
    return id
  }
  const [earlier, marked, provider, present] = [
    await visit(),
    await visit({ mark: {} }),
    await visit(),
    await visit(),
  ]
  await datastore.put(new Key(`/dht/provider/key/${provider.toString()}`), new Uint8Array())
  connected.add(present.toString())
  await visitors.start()
  for (let count = 0; count < peerLimits.visitors + 200; count += 1) {
    events.safeDispatchEvent('peer:disconnect', { detail: await visit() })
  }
  await visitors.stop()
  expect((await peerStore.all()).length).toBeLessThan(peerLimits.visitors + 200)
  expect(await peerStore.has(earlier)).toBe(false)
  for (const id of [marked, provider, present]) expect(await peerStore.has(id)).toBe(true)
})
