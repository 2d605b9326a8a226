/** T2: two strangers that know only a common peer find each other by rendezvous, and still do when it is gone. */
import { expect } from 'vitest'
import { test } from './scene.ts'

test('two nodes that know only a bootstrap peer meet by rendezvous', async ({ scene }) => {
  const bootstrap = await scene.node('bootstrap')
  const bootnode = ['--bootnode', await bootstrap.address()]
  const [left, right] = await Promise.all([scene.node('left', ...bootnode), scene.node('right', ...bootnode)])
  const { peerId: rightId } = await right.status()
  await left.waitForPeers('the other stranger', (peers) => peers.some(({ peerId }) => peerId === rightId))
  await bootstrap.stop()
  await left.waitForPeers(
    'only the other stranger',
    (peers) => peers.length === 1 && peers[0]?.peerId === rightId,
  )

  const [hash] = await left.rpc<string[]>(
    'generatetoaddress',
    1,
    'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080',
  )
  const { bestHash } = await right.waitFor('the block of the other', ({ height }) => height === 1)
  expect(bestHash).toBe(hash)
})

test('nodes of different networks do not mix', async ({ scene }) => {
  const node = await scene.node('regtest')
  const { stdout } = await scene.chainNode('regtest', 'status', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ network: 'regtest', state: 'no-peers' })
  const other = await scene.node('dev', '--network', 'dev', '--connect', await node.address())
  await other.waitFor('the failed attempt', () => other.stderr.includes('other-network'))
  expect(await node.peers()).toEqual([])
  expect(await other.peers()).toEqual([])
})
