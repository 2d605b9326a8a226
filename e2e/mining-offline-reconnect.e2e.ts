/** T2: a block that is mined offline reaches the others after the next start. */
import { expect } from 'vitest'
import { test } from './scene.ts'

const address = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'

test('a node mines while it is offline, and the other side follows when it is back', async ({ scene }) => {
  const steady = await scene.node('steady')
  const target = await steady.address()
  await steady.rpc('generatetoaddress', 3, address)
  const loner = await scene.node('loner', '--connect', target)
  await loner.waitFor('the chain of the other', ({ height }) => height === 3)
  expect(await loner.stop()).toBe(0)

  const { code, stdout } = await scene.chainNode('loner', 'mine', '2', '--to', address, '--json')
  expect(code).toBe(0)
  const mined = JSON.stringify(JSON.parse(stdout))
  expect((await steady.status()).height).toBe(3)

  const back = await scene.node('loner', '--connect', target)
  const { bestHash, height } = await back.status()
  expect(height).toBe(5)
  expect(mined).toContain(bestHash)
  await steady.waitFor('the blocks that were mined offline', (status) => status.bestHash === bestHash)
})
