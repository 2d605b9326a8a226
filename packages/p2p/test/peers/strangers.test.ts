import type { Connection } from '@libp2p/interface'
import { pEvent } from 'p-event'
import { describe, expect, it } from 'vitest'
import { peerTimes } from '../../src/peers/peer-limits.ts'
import { Strangers } from '../../src/peers/strangers.ts'
import { startHost } from '../hosts.ts'
import { silentLog } from '../silent-log.ts'
import { connectNodes, startNode, type TestNode } from './nodes.ts'

/** A host that connects and tells no status; resolves when both sides have the connection. */
async function startStranger(node: TestNode): Promise<Connection> {
  const stranger = await startHost({ listen: [] })
  const accepted = pEvent<'connection:open', CustomEvent<Connection>>(node.host, 'connection:open', {
    filter: ({ detail }) => detail.remotePeer.equals(stranger.peerId),
  })
  const connection = await stranger.dial(node.host.getMultiaddrs())
  await accepted
  return connection
}

function closed(connection: Connection): Promise<unknown> {
  return connection.status === 'open' ? pEvent(connection, 'close') : Promise.resolve()
}

describe('connections without status', () => {
  it('keep nobody out, however many they are', async () => {
    const node = await startNode({ capacity: { inbound: 2, unacquainted: 2 } })
    const strangers: Connection[] = []
    for (let count = 0; count < 6; count++) strangers.push(await startStranger(node))
    const honest = await startNode()
    await connectNodes(honest, node)
    expect(node.peers.list().map(({ id }) => id)).toEqual([honest.id])
    await Promise.all(strangers.slice(0, 5).map(closed))
    expect(strangers.at(-1)?.status).toBe('open')
  })

  it('never take the place of a peer', async () => {
    const node = await startNode({ capacity: { inbound: 2, unacquainted: 1 } })
    const honest = [await startNode(), await startNode()]
    for (const each of honest) await connectNodes(each, node)
    const first = await startStranger(node)
    const second = await startStranger(node)
    await closed(first)
    expect(second.status).toBe('open')
    expect(node.peers.list().map(({ id }) => id)).toEqual(honest.map(({ id }) => id))
    expect(node.events.filter((event) => event.startsWith('peer-gone'))).toEqual([])
  })

  it('are closed when they have stayed too long, unlike peers and those that came later', async () => {
    const node = await startNode()
    const honest = await startNode()
    await connectNodes(honest, node)
    const stranger = await startStranger(node)
    const strangers = new Strangers(10, {
      host: node.host,
      isAcquainted: (id) => id === honest.id,
      log: silentLog,
    })
    const [connection] = strangers.list()
    const since = connection?.timeline.open ?? 0
    strangers.partFromIdle(since + peerTimes.strangerStay - 1)
    expect(connection?.status).toBe('open')
    strangers.partFromIdle(since + peerTimes.strangerStay)
    await closed(stranger)
    expect(strangers.list()).toEqual([])
    expect(node.peers.list()).toHaveLength(1)
  })

  it('are closed when the clock was set back and nobody knows how long they have stayed', async () => {
    const node = await startNode()
    const stranger = await startStranger(node)
    const strangers = new Strangers(10, { host: node.host, isAcquainted: () => false, log: silentLog })
    strangers.partFromIdle((strangers.list()[0]?.timeline.open ?? 0) - peerTimes.strangerStay)
    await closed(stranger)
    expect(strangers.list()).toEqual([])
  })
})
