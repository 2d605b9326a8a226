import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, it } from 'vitest'
import { dhtLimits } from '../../src/dht/dht-limits.ts'
import { Hearsay } from '../../src/dht/hearsay.ts'
import { createIdentity } from '../../src/host/identity.ts'
import { startHost } from '../hosts.ts'

const multiaddrs = [multiaddr('/ip4/127.0.0.1/tcp/4001')]

async function strangers(count: number): Promise<PeerId[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => peerIdFromPrivateKey(await createIdentity())),
  )
}

it('those whom others name are kept for as long as there is room, those who came themselves longer', async () => {
  const { peerStore, peerId: self } = await startHost()
  const hearsay = new Hearsay({ peerStore, self, isConnected: () => false })
  const [first, visitor, ...others] = await strangers(dhtLimits.hearsayPeers + 1)
  for (const id of [first, visitor]) await hearsay.add({ id: id as PeerId, multiaddrs })
  await peerStore.merge(visitor as PeerId, { protocols: ['/test/1'] })
  for (const id of others) await hearsay.add({ id, multiaddrs })
  expect(await peerStore.has(first as PeerId)).toBe(false)
  expect(await peerStore.has(visitor as PeerId)).toBe(true)
  expect(await peerStore.has(others[0] as PeerId)).toBe(true)

  const restarted = new Hearsay({ peerStore, self, isConnected: () => false })
  await restarted.start()
  for (const id of await strangers(3)) await restarted.add({ id, multiaddrs })
  const kept = await peerStore.all()
  expect(kept.filter(({ id, protocols }) => protocols.length === 0 && !id.equals(self)).length).toBe(
    dhtLimits.hearsayPeers,
  )
})
