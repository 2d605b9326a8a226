/**
 * Nodes that discover each other on loopback, for tests.
 */
import { onTestFinished } from 'vitest'
import { PeerExchange } from '../../src/discovery/peer-exchange.ts'
import { rendezvousKeys } from '../../src/discovery/rendezvous.ts'
import {
  type DiscoveryModules,
  type DiscoveryOptions,
  DiscoveryScheduler,
} from '../../src/discovery/scheduler.ts'
import { specId } from '../hosts.ts'
import { type NodeChanges, rendezvousName, startNode, type TestNode } from '../peers/nodes.ts'
import { silentLog } from '../silent-log.ts'

/** A node with its scheduler. */
export interface DiscoveringNode extends TestNode {
  readonly scheduler: DiscoveryScheduler
  readonly exchange: PeerExchange
}

/** A node that looks for peers, with the hash table unless said otherwise; stopped when the test has finished. */
export async function startDiscovery(
  options: Partial<DiscoveryOptions> = {},
  changes: NodeChanges & Pick<DiscoveryModules, 'isStale'> & Partial<Pick<DiscoveryModules, 'log'>> = {},
): Promise<DiscoveringNode> {
  const mode = options.mode ?? { peers: 'all', dht: true }
  const node = await startNode({ dht: mode.dht, ...changes })
  const { host, peers, candidates, datastore, talk } = node
  const now = changes.now ?? Date.now
  const random = Math.random
  const exchange = new PeerExchange({ host, specId, peers, candidates, talk, now, steady: now, random })
  if (mode.peers === 'all') await exchange.start()
  const scheduler = new DiscoveryScheduler(
    {
      mode,
      target: 8,
      connect: [],
      bootnodes: [],
      follow: { loopback: true, private: true },
      rendezvous: await rendezvousKeys(specId, rendezvousName),
      ...options,
    },
    {
      host,
      datastore,
      peers,
      candidates,
      exchange,
      steady: now,
      random,
      log: changes.log ?? silentLog,
      ...(changes.isStale === undefined ? {} : { isStale: changes.isStale }),
    },
  )
  scheduler.start()
  const stop = async (): Promise<void> => {
    await scheduler.stop()
    await node.stop()
  }
  onTestFinished(stop)
  return { ...node, scheduler, exchange, stop }
}
