/** T3: on connect both sides learn where the other's chain stands, and the one that is behind catches up. */
import { expect } from 'vitest'
import { test } from './scene.ts'

const address = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'

test('a node that is behind catches up, whichever side has dialled', async ({ scene }) => {
  const ahead = await scene.node('ahead')
  await ahead.rpc('generatetoaddress', 250, address)
  const { bestHash } = await ahead.status()
  const dialler = await scene.node('dialler', '--connect', await ahead.address())
  const state = await dialler.waitFor(
    'the chain',
    (status) => status.bestHash === bestHash && status.state === 'synced',
  )
  expect(state).toMatchObject({ height: 250, headers: 250, peers: 1 })

  const listener = await scene.node('listener')
  const third = await scene.node(
    'dialler-ahead',
    '--connect',
    await ahead.address(),
    '--connect',
    await listener.address(),
  )
  await listener.waitFor('the chain of the dialler', (status) => status.bestHash === bestHash)
  expect((await third.status()).height).toBe(250)
})

test('the branch with more work wins over the one that was there first', async ({ scene }) => {
  const short = await scene.node('short')
  await short.rpc('generatetoaddress', 5, address)
  const long = await scene.node('long')
  await long.rpc('generatetoaddress', 8, 'bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6')
  const { bestHash } = await long.status()
  await short.rpc('addnode', await long.address(), 'add')
  await short.waitFor('the better branch', (status) => status.bestHash === bestHash)
})
