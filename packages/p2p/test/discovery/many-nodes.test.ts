import { describe, expect, it } from 'vitest'
import { type DiscoveringNode, startDiscovery } from './nodes.ts'

const target = 3

/** Resolves when a node has as many outbound peers as it wants, or nobody else to choose. */
function settled({ peers }: DiscoveringNode, others: number): Promise<void> {
  const outbound = (): number => peers.list().filter(({ direction }) => direction === 'outbound').length
  return new Promise((resolve) => {
    const look = (): void => {
      if (outbound() < target && peers.list().length < others) return
      unsubscribe()
      resolve()
    }
    const unsubscribe = peers.subscribe(look)
    queueMicrotask(look)
  })
}

/** The peers that can be reached from the first node over connections. */
function reachable(nodes: readonly DiscoveringNode[]): number {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const seen = new Set<string>()
  const queue = [nodes[0]?.id ?? '']
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    if (seen.has(id)) continue
    seen.add(id)
    queue.push(...(byId.get(id)?.peers.list() ?? []).map((peer) => peer.id))
  }
  return seen.size
}

describe('nodes that know one bootnode', () => {
  it.each([
    ['with the hash table', true, 8],
    ['without it, from what peers tell', false, 15],
  ])(
    'all reach the outbound peers that they want, %s',
    async (_, dht, count) => {
      const mode = { peers: 'all', dht } as const
      const capacity = { outbound: target }
      const first = await startDiscovery({ mode, target }, { capacity })
      const bootnodes = first.addresses()
      const others = Array.from({ length: count - 1 }, () =>
        startDiscovery({ mode, target, bootnodes }, { capacity }),
      )
      const nodes = [first, ...(await Promise.all(others))]
      await Promise.all(nodes.map((node) => settled(node, nodes.length - 1)))
      expect(reachable(nodes)).toBe(nodes.length)
    },
    120_000,
  )
})

describe('a network whose bootnode is gone', () => {
  it('takes in a newcomer who knows any other member', async () => {
    const mode = { peers: 'all', dht: false } as const
    const first = await startDiscovery({ mode })
    const bootnodes = first.addresses()
    const [a, b] = [await startDiscovery({ mode, bootnodes }), await startDiscovery({ mode, bootnodes })]
    await Promise.all([a.ready(b.id), b.ready(a.id)])
    const gone = [a.next('peer-gone', first.id), b.next('peer-gone', first.id)]
    await first.stop()
    await Promise.all(gone)
    const newcomer = await startDiscovery({ mode, bootnodes: a.addresses() })
    await Promise.all([newcomer.ready(a.id), newcomer.ready(b.id)])
  }, 60_000)
})
