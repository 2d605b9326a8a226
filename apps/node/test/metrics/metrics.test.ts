import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startTestNode } from '../start-test-node.ts'

const metrics = { bind: '127.0.0.1', port: 0 }

async function read(url: string | undefined): Promise<Map<string, number>> {
  const answer = await fetch(url ?? '')
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

describe('metrics', () => {
  it('are those of the moment when somebody asks', async () => {
    const { node, rpc } = await startTestNode({ metrics })
    expect((await read(node.metricsUrl)).get('chain_height')).toBe(0)
    await rpc.call('generatetoaddress', [3, 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'])
    const values = await read(node.metricsUrl)
    expect(values.get('chain_height')).toBe(3)
    expect(values.get('chain_headers_height')).toBe(3)
    expect(values.get('chain_peers{direction="inbound"}')).toBe(0)
    expect(values.get('chain_sync_phase{phase="no-peers"}')).toBe(1)
    expect(values.get('chain_sync_phase{phase="synced"}')).toBe(0)
    expect(values.get('chain_signatures_verified_total')).toBe(0)
    expect(values.get('chain_connections')).toBe(0)
    expect(values.get('chain_known_peers')).toBe(0)
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e7)
  })

  it('count what goes over the network, and who is kept out', async () => {
    const [a, b] = await Promise.all([startTestNode({ metrics }), startTestNode()])
    await a.rpc.call('setban', ['192.0.2.1', 'add'])
    await a.rpc.call('addnode', [b.node.status().addresses[0], 'onetry'])
    const values = await read(a.node.metricsUrl)
    expect(values.get('chain_connections')).toBe(1)
    expect(values.get('chain_bans')).toBe(1)
    expect(values.get('chain_network_receive_bytes_total')).toBeGreaterThan(0)
    expect(values.get('chain_network_transmit_bytes_total')).toBeGreaterThan(0)
  })

  it('keep the conventions: help and type of each, base units, and no label that others reserve', async () => {
    const { node } = await startTestNode({ metrics })
    const text = await (await fetch(node.metricsUrl ?? '')).text()
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({
      name,
      type,
    }))
    expect(types.length).toBeGreaterThan(20)
    for (const { name, type } of types) {
      expect(name).toMatch(/^(chain|process|nodejs)_[a-z0-9_]+$/)
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
      expect(name).not.toMatch(/milli|_ms|_kb|_mb/)
      expect(text).toMatch(new RegExp(`^# HELP ${name} [A-Z].*\\.$`, 'm'))
    }
    expect(text).not.toMatch(/quantile=|le=/)
  })

  it('tell how late the event loop is', async () => {
    const { node } = await startTestNode({ metrics })
    const values = await read(node.metricsUrl)
    const lag = ['p50', 'p99', 'max'].map((part) =>
      values.get(`nodejs_eventloop_lag_${part}_seconds`),
    ) as number[]
    expect(lag).toEqual(lag.toSorted((a, b) => a - b))
    expect(node.status().eventLoopLag.max).toBeGreaterThanOrEqual(0)
  })

  it('are served nowhere unless asked for', async () => {
    const { node } = await startTestNode()
    expect(node.metricsUrl).toBeUndefined()
  })

  it('are all there is to get', async () => {
    const { node } = await startTestNode({ metrics })
    const { origin } = new URL(node.metricsUrl ?? '')
    expect((await fetch(origin)).status).toBe(404)
    expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(404)
  })

  it('are not served where somebody else listens, which is an error that names the option', async () => {
    const other = createServer()
    onTestFinished(() => void other.close())
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port))
    })
    await expect(startTestNode({ metrics: { bind: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'port-occupied',
    })
  })
})
