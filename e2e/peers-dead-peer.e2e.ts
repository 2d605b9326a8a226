/** T1: a peer that dies is dropped, and dialled again when it is back. */
import { test } from './scene.ts'

test('a peer that is killed is dropped', async ({ scene }) => {
  const victim = await scene.node('victim')
  const witness = await scene.node('witness', '--connect', await victim.address())
  await witness.waitForPeers('the peer', (peers) => peers.length === 1)
  await victim.stop('SIGKILL')
  await witness.waitForPeers('the dead peer to be dropped', (peers) => peers.length === 0)
  await witness.waitFor('an honest state', ({ state }) => state === 'no-peers')
})
