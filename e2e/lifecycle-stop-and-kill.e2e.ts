/** Stopping in peace, and not in peace. */
import { expect } from 'vitest'
import { test } from './scene.ts'

const address = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'

test('SIGTERM and SIGINT stop a connected, mining node within five seconds, as its last line says', async ({
  scene,
}) => {
  const peer = await scene.node('peer')
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const node = await scene.node('node', '--connect', await peer.address(), '--mine', address)
    await node.waitForPeers('the peer', (peers) => peers.length === 1)
    await node.waitFor('a block of its own', ({ height }) => height > 0)
    const start = performance.now()
    expect(await node.stop(signal)).toBe(0)
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(JSON.parse(node.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      msg: 'Stopped',
      seconds: expect.any(Number),
    })
  }
})

test('a Ctrl-C that npx passes on once more does not end a node at once', async ({ scene }) => {
  const node = await scene.node('node')
  process.kill(node.pid, 'SIGINT')
  expect(await node.stop('SIGINT')).toBe(0)
})

test('a killed node loses no block that it had connected, and starts again by itself', async ({ scene }) => {
  let height = 0
  for (let round = 0; round < 3; round++) {
    const node = await scene.node('node')
    expect((await node.status()).height).toBeGreaterThanOrEqual(height)
    await node.rpc('generatetoaddress', 20, address)
    const mining = expect(node.rpc('generatetoaddress', 500, address)).rejects.toThrow()
    const status = await node.waitFor('some more blocks', (now) => now.height > height + 25)
    height = status.height
    await node.stop('SIGKILL')
    await mining
  }
  const node = await scene.node('node')
  const status = await node.status()
  expect(status.height).toBeGreaterThanOrEqual(height)
  const { height: stored } = await node.rpc<{ height: number }>('getblock', status.bestHash, 1)
  expect(stored).toBe(status.height)
})

test('a killed node keeps every ban that it has told of, and those it has lifted away', async ({ scene }) => {
  const subjects = Array.from({ length: 5 }, (_, index) => `192.0.2.${index + 1}`)
  const listed = async (): Promise<string[]> => {
    const node = await scene.node('node')
    const bans = await node.rpc<{ address: string }[]>('listbanned')
    await node.stop('SIGKILL')
    return bans.map(({ address: subject }) => subject).sort()
  }
  const node = await scene.node('node')
  for (const subject of subjects) await node.rpc('setban', subject, 'add', 3_600)
  await node.stop('SIGKILL')
  expect(await listed()).toEqual(subjects)
  const again = await scene.node('node')
  await again.rpc('setban', '192.0.2.1', 'remove')
  await again.stop('SIGKILL')
  expect(await listed()).toEqual(subjects.slice(1))
})

test('a second process on the same data directory is refused by pid', async ({ scene }) => {
  const node = await scene.node('node')
  const { code, stdout, stderr } = await scene.chainNode(
    'node',
    'start',
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
    '--rpc-port',
    '0',
  )
  expect(code).toBe(7)
  expect(stdout).toBe('')
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain(String(node.pid))
  expect((await node.status()).state).toBe('no-peers')
})
