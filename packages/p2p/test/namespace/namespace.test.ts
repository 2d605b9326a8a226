/**
 * Addresses of a local network and of the internet, which test machines do not have: each scene runs in a network namespace
 * of its own, where the machine lets us make one.
 */
import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { defaultCapacity } from '../../src/peers/peer-limits.ts'

const scenes = fileURLToPath(new URL('scenes.ts', import.meta.url))

const links = [
  'ip link set lo up',
  'ip link add chain0 type veth peer name chain1',
  'ip link set chain0 up',
  'ip link set chain1 up',
  'for i in 1 2 3 4 5 6 7 8 9; do ip addr add 10.7.0.$i/24 dev chain0; done',
  'for i in $(seq 1 40); do ip addr add 8.8.4.$i/16 dev chain0; done',
  'ip route add 224.0.0.0/4 dev chain0',
].join(' && ')

const isPossible = spawnSync('unshare', ['-rn', 'sh', '-c', links]).status === 0

async function play(scene: string, commands = links): Promise<Record<string, unknown>> {
  const script = `${commands} && exec "${process.execPath}" --conditions=@chain/source "${scenes}" ${scene}`
  const child = spawn('unshare', ['-rn', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  try {
    return JSON.parse(output) as Record<string, unknown>
  } catch (cause) {
    throw new Error(`The scene ${scene} failed: ${errors}`, { cause })
  }
}

describe.skipIf(!isPossible)('in a network namespace', () => {
  it('a node announces where it can be reached from, the local network only when there is no other', async () => {
    const { plain, found, local } = (await play('announced')) as Record<string, string[]>
    expect(plain).toContain('8.8.4.1')
    expect(plain?.every((ip) => ip.startsWith('8.8.4.'))).toBe(true)
    expect(found).toEqual(expect.arrayContaining(['8.8.4.1', '10.7.0.1']))
    expect(found).not.toContain('127.0.0.1')
    expect(local).toEqual(['10.7.0.1'])
  }, 60_000)

  it('silent sockets are bounded by address, by subnet and by time, and none keeps others out', async () => {
    const { keptOfBurst, keptOfSubnet, stay } = await play('silent')
    expect(keptOfBurst).toBeLessThanOrEqual(defaultCapacity.perAddress)
    expect(keptOfSubnet).toBeLessThanOrEqual(defaultCapacity.perSubnet)
    expect(stay).toBeGreaterThan(3_000)
  }, 60_000)

  it('two nodes find each other by multicast alone', async () => {
    expect(await play('multicast')).toEqual({ source: 'mdns', isOther: true })
  }, 60_000)

  it('a node without any network does not fail for want of multicast', async () => {
    expect(await play('alone', 'true')).toEqual({ survived: true })
  }, 60_000)
})
