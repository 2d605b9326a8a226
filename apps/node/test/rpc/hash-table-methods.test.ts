import { describe, expect, it } from 'vitest'
import { runAt } from '../cli/run-command.ts'
import { patience } from '../patience.ts'
import { startTestNode, type TestNode } from '../start-test-node.ts'

/** Three nodes in the hash table, of which the first is the only one that the others were told of. */
async function startThree(): Promise<[TestNode, TestNode, TestNode]> {
  const first = await startTestNode({ dht: true })
  const bootnode = [first.node.status().addresses[0] as string]
  const others = await Promise.all([
    startTestNode({ dht: true, bootnode, maxOutbound: 1 }),
    startTestNode({ dht: true, bootnode, maxOutbound: 1 }),
  ])
  for (const { rpc } of [...others, first]) {
    const holders = async (): Promise<number> =>
      ((await rpc.call('dhtput', ['hello', ''])) as { holders: number }).holders
    await expect.poll(holders, patience).toBeGreaterThan(0)
  }
  return [first, ...others]
}

function refusal(rpcCode: number, code: string): unknown {
  return expect.objectContaining({ rpcCode, code })
}

describe('three nodes in the hash table', () => {
  it('find, ping, store and provide through commands', async () => {
    const [, second, third] = await startThree()
    const { peerId } = second.node
    const found = await runAt(third, 'dht', 'find-peer', peerId, '--json')
    expect(JSON.parse(found.stdout)).toEqual({
      peerId,
      addresses: second.node.status().addresses.map((address) => address.replace(`/p2p/${peerId}`, '')),
    })
    expect((await runAt(third, 'dht', 'find-peer', peerId)).stdout).toBe(
      `${second.node.status().addresses[0]}\n`,
    )
    expect((await runAt(third, 'dht', 'ping', peerId)).stdout).toMatch(/answers after \d+ ms/)

    const put = JSON.parse((await runAt(second, 'dht', 'put', 'greeting', 'good morning', '--json')).stdout)
    expect(put).toMatchObject({ key: `/record/${peerId}/greeting`, value: 'good morning' })
    expect(put.holders).toBeGreaterThan(0)
    expect((await runAt(third, 'dht', 'get', put.key)).stdout).toBe('good morning\n')
    expect((await runAt(second, 'dht', 'get', 'greeting')).stdout).toBe('good morning\n')
    await runAt(second, 'dht', 'put', 'greeting', 'ff00', '--hex')
    expect(await third.rpc.call('dhtget', [put.key])).toMatchObject({ key: put.key, hex: 'ff00' })

    expect((await runAt(second, 'dht', 'provide', 'a file')).stdout).toBe('provided a file\n')
    expect((await runAt(third, 'dht', 'providers', 'a file')).stdout).toContain(peerId)
    expect((await runAt(second, 'dht', 'provide', 'a file', '--stop', '--json')).stdout).toBe(
      '{"stopped":"a file"}\n',
    )
    expect((await runAt(third, 'dht', 'providers', 'nothing')).stdout).toBe('No other peer provides it.\n')
  })

  it('say what is wrong or not there', async () => {
    const [first] = await startThree()
    const stranger = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
    await expect(first.rpc.call('dhtfindpeer', [stranger])).rejects.toThrow(refusal(-5, 'not-found'))
    await expect(first.rpc.call('dhtfindpeer', ['nobody'])).rejects.toThrow(refusal(-8, 'peer-id-malformed'))
    await expect(first.rpc.call('dhtget', [`/record/${stranger}/x`])).rejects.toThrow(
      refusal(-5, 'not-found'),
    )
    await expect(first.rpc.call('dhtget', ['Wrong'])).rejects.toThrow(refusal(-8, 'record-key-malformed'))
    await expect(first.rpc.call('dhtput', ['x', 'zz', 'hex'])).rejects.toThrow(refusal(-8, 'hex-malformed'))
    await expect(first.rpc.call('dhtput', ['x', 'a'.repeat(1_025)])).rejects.toThrow(/1025 bytes/)
    await expect(first.rpc.call('dhtprovide', [''])).rejects.toThrow(refusal(-8, 'provider-key-malformed'))
    await expect(first.rpc.call('dhtping', ['/ip4/127.0.0.1/tcp/1'])).rejects.toThrow(
      refusal(-9, 'peer-unreachable'),
    )
    const { exitCode, stderr } = await runAt(first, 'dht', 'find-peer', stranger)
    expect([exitCode, stderr.trim().split('\n').length]).toEqual([8, 1])
  })
})

it('a node without peers, or without the hash table, says so', async () => {
  const [alone, outside] = await Promise.all([startTestNode({ dht: true }), startTestNode()])
  await expect(alone.rpc.call('dhtput', ['x', 'y'])).rejects.toThrow(refusal(-9, 'peer-missing'))
  await expect(outside.rpc.call('dhtput', ['x', 'y'])).rejects.toThrow(refusal(-1, 'hash-table-off'))
})
