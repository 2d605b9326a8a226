/** T2: peers are stored and dialled first at the next start, without discovery. */
import { expect } from 'vitest'
import { test } from './scene.ts'

test('a node finds its peers again with discovery off', async ({ scene }) => {
  const steady = await scene.node('steady')
  const visitor = await scene.node('visitor', '--bootnode', await steady.address())
  const { peerId } = await steady.status()
  await visitor.waitForPeers('the bootstrap peer', (peers) => peers.some((peer) => peer.peerId === peerId))
  const before = await visitor.status()
  expect(await visitor.stop()).toBe(0)
  await steady.waitForPeers('the visitor to leave', (peers) => peers.length === 0)

  const again = await scene.node('visitor', '--no-dht')
  await again.waitForPeers('the known peer', (peers) => peers.some((peer) => peer.peerId === peerId))
  expect((await again.status()).peerId).toBe(before.peerId)
})
