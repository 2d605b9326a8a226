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
    expect(values.get('chain_headers')).toBe(3)
    expect(values.get('chain_peers{direction="inbound"}')).toBe(0)
    expect(values.get('chain_sync_phase{phase="no-peers"}')).toBe(1)
    expect(values.get('chain_sync_phase{phase="synced"}')).toBe(0)
    expect(values.get('chain_signatures_total')).toBe(0)
    expect(values.get('chain_network{kind="connections"}')).toBe(0)
    expect(values.get('chain_network{kind="known peers"}')).toBe(0)
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e7)
  })

  it('tell how late the event loop is', async () => {
    const { node } = await startTestNode({ metrics })
    const values = await read(node.metricsUrl)
    const lag = ['0.5', '0.99', '1'].map((quantile) =>
      values.get(`chain_event_loop_lag_seconds{quantile="${quantile}"}`),
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
