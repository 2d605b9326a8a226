import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { formatAddress } from '@chain/core/script'
import { testKey } from '@chain/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { patience } from './patience.ts'
import { startTestNode } from './start-test-node.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const address = formatAddress(testKey('miner').script, 'bcrt') as string

/** A port of loopback that somebody else listens on. */
async function occupyPort(): Promise<number> {
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

describe('a node', () => {
  it('tells where it is and what it is doing', async () => {
    const { node, dataDir } = await startTestNode({ identitySeed: 1 })
    const status = node.status()
    expect(status).toMatchObject({
      network: 'regtest',
      state: 'no-peers',
      height: 0,
      headers: 0,
      peers: 0,
      mempool: { transactions: 0, bytes: 0 },
      peerId: '12D3KooWNJonLFcgLevcuuvu3YozSCn2zzhLfn4Gh2iCq284bkHJ',
      verifier: expect.stringMatching(/^secp256k1 \(native\), [1-9]\d* threads?$/) as string,
      dataDir,
    })
    expect(status.addresses).toHaveLength(1)
    expect(status.addresses[0]).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3KooW/)
    expect(status.bestHash).toBe('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206')
  })

  it('finds the blocks of a peer and is synced then', async () => {
    const first = await startTestNode()
    await first.rpc.call('generatetoaddress', [3, address])
    const second = await startTestNode({ connect: [first.node.status().addresses[0] as string] })
    await expect
      .poll(() => second.node.status(), patience)
      .toMatchObject({ state: 'synced', height: 3, peers: 1 })
    expect(second.node.status().bestHash).toBe(first.node.status().bestHash)
  })

  it('keeps its chain and its identity over a restart', async () => {
    const datadir = temporaryDirectory()
    const first = await startTestNode({ datadir })
    await first.rpc.call('generatetoaddress', [2, address])
    const before = first.node.status()
    await first.node.stop()
    const second = await startTestNode({ datadir })
    const { peerId, height, bestHash } = before
    expect(second.node.status()).toMatchObject({ peerId, height, bestHash })
  })

  it('keeps secrets readable by its owner alone, and takes them away when it ends', async () => {
    const { node, dataDir } = await startTestNode()
    for (const file of ['identity.key', 'rpc.cookie', 'node.json']) {
      expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600)
    }
    await node.stop()
    expect(existsSync(join(dataDir, 'rpc.cookie'))).toBe(false)
    expect(existsSync(join(dataDir, 'node.json'))).toBe(false)
  })

  it('refuses a data directory that another node uses, by its process', async () => {
    const { dataDir } = await startTestNode()
    await expect(startTestNode({ datadir: dataDir })).rejects.toThrow(
      expect.objectContaining({
        code: 'data-dir-locked',
        message: expect.stringContaining(`${process.pid}`),
      }),
    )
  })

  it('names the port that another program listens on, and the option that changes it', async () => {
    const port = await occupyPort()
    const datadir = temporaryDirectory()
    const message = (option: string): unknown =>
      expect.objectContaining({
        code: 'port-occupied',
        message: expect.stringMatching(new RegExp(`^Port ${port} is in use .* with ${option}\\.$`)),
      })
    const listen = [`/ip4/127.0.0.1/tcp/${port}`]
    await expect(startTestNode({ datadir, listen })).rejects.toThrow(message('--listen'))
    const websocket = ['/ip4/127.0.0.1/tcp/0', `/ip4/127.0.0.1/tcp/${port}/ws`]
    await expect(startTestNode({ datadir, listen: websocket })).rejects.toThrow(message('--listen'))
    await expect(startTestNode({ datadir, rpcPort: port })).rejects.toThrow(message('--rpc-port'))
    await startTestNode({ datadir })
  })

  it('says so when an address is not of this machine', async () => {
    await expect(startTestNode({ listen: ['/ip4/192.0.2.1/tcp/0'] })).rejects.toThrow(
      expect.objectContaining({ code: 'address-not-local', message: expect.stringContaining('192.0.2.1') }),
    )
  })

  it('mines on and on when it is told to', async () => {
    const { node } = await startTestNode({ mine: address })
    await expect.poll(() => node.status().height, patience).toBeGreaterThanOrEqual(1)
    expect(node.status().mining).toMatchObject({ active: true, address })
  })
})
