/** T5: the Kademlia walk-through, ping, find, store and provide, through the commands of three nodes. */
import { expect } from 'vitest'
import { startNodes } from './network.ts'
import { test } from './scene.ts'

test('the third node finds the second through the first, its values and what it provides', async ({
  scene,
}) => {
  const first = await scene.node('first')
  const bootnode = ['--bootnode', await first.address()]
  const [second, third] = await startNodes(scene, ['second', 'third'], ...bootnode)
  const dht = async (name: string, ...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await scene.chainNode(name, 'dht', ...words)
    expect([code, stderr]).toEqual([0, ''])
    return stdout.trim()
  }
  for (const node of [second, third]) await node?.waitForPeers('a peer', (peers) => peers.length > 0)
  const { peerId } = (await second?.status()) ?? { peerId: '' }

  expect(await dht('third', 'find-peer', peerId)).toBe(await second?.address())
  expect(await dht('third', 'ping', peerId)).toContain('answers after')
  const [key = ''] = (await dht('second', 'put', 'greeting', 'good morning')).split('\n')
  expect(key).toBe(`/record/${peerId}/greeting`)
  expect(await dht('third', 'get', key)).toBe('good morning')
  await dht('second', 'put', 'greeting', 'good evening')
  expect(await dht('third', 'get', key)).toBe('good evening')
  await dht('second', 'provide', 'a file')
  expect(await dht('third', 'providers', 'a file')).toContain(peerId)

  await second?.stop('SIGKILL')
  expect(await dht('third', 'get', key)).toBe('good evening')
  const missing = await scene.chainNode('third', 'dht', 'get', 'farewell')
  expect([missing.code, missing.stderr.trim().split('\n').length]).toEqual([8, 1])
})
