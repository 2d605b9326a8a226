/**
 * Real hosts on loopback, for tests of the host and of protocols.
 */
import type { Libp2p } from '@libp2p/interface'
import { MemoryDatastore } from 'datastore-core'
import { createHost, createLightHost, type HostOptions, type HostServices } from '../src/host/host.ts'
import { createIdentity } from '../src/host/identity.ts'
import { connectHosts, type Pair, stopAfterTest, transports } from './loopback.ts'

/** The spec id of the network that the tests are on. */
export const specId = '0a1b2c3d'

/** A host with these options changed that is not started yet; it stops when the test has finished. */
export async function newHost(changes: Partial<HostOptions> = {}): Promise<Libp2p<HostServices>> {
  const host = await createHost({
    specId,
    agent: 'chain-test/1.2.3',
    identity: await createIdentity(),
    listen: [transports.tcp],
    datastore: new MemoryDatastore(),
    gater: {},
    maxConnections: 50,
    allowLoopback: true,
    dht: false,
    ...changes,
  })
  return stopAfterTest(host)
}

/** A started host. */
export async function startHost(changes?: Partial<HostOptions>): Promise<Libp2p<HostServices>> {
  const host = await newHost(changes)
  await host.start()
  return host
}

/** A wallet's host and a node's host with a connection between them. */
export async function connectLightHost(listen: string = transports.tcp): Promise<Pair> {
  const server = await startHost({ listen: [listen] })
  const client = stopAfterTest(await createLightHost({ specId, agent: 'chain-wallet/1.0.0' }))
  await client.start()
  return await connectHosts(client, server)
}
