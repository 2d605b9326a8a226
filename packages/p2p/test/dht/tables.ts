/**
 * Hosts with hash tables on loopback, for tests.
 */
import type { Libp2p } from '@libp2p/interface'
import { MemoryDatastore } from 'datastore-core'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { expect, onTestFinished } from 'vitest'
import { HashTable } from '../../src/dht/hash-table.ts'
import type { DhtOptions } from '../../src/dht/hash-table-service.ts'
import type { HostOptions, HostServices } from '../../src/host/host.ts'
import { createIdentity, type Identity } from '../../src/host/identity.ts'
import { specId, startHost } from '../hosts.ts'
import { silentLog } from '../silent-log.ts'

/** A host and its hash table. */
export interface TableNode {
  readonly host: Libp2p<HostServices>
  readonly table: HashTable
  readonly datastore: MemoryDatastore
  readonly identity: Identity
  readonly peerId: string
}

/** What a test may change. */
export interface TableChanges {
  readonly dht?: Partial<DhtOptions>
  readonly datastore?: MemoryDatastore
  readonly now?: () => number
  readonly host?: Partial<HostOptions>
}

/** The multihash of a text as a key. */
export async function keyOf(text: string): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(text)))
}

/** A node that runs until the test has finished. */
export async function startTable(changes: TableChanges = {}): Promise<TableNode> {
  const { datastore = new MemoryDatastore(), now = Date.now } = changes
  const identity = await createIdentity()
  const dht = { providerKeys: [await keyOf('rendezvous')], now, ...changes.dht }
  const host = await startHost({ identity, datastore, dht, ...changes.host })
  const table = new HashTable({ specId, host, identity, datastore, now, log: silentLog })
  onTestFinished(() => table.stop())
  return { host, table, datastore, identity, peerId: host.peerId.toString() }
}

/** Nodes each of which knows the first one only. */
export async function startStar(count: number, changes?: TableChanges): Promise<TableNode[]> {
  const first = await startTable(changes)
  const nodes = [first]
  while (nodes.length < count) {
    const node = await startTable(changes)
    await meet(node, first)
    nodes.push(node)
  }
  return nodes
}

/** Connects two nodes, unless they are, and waits until each keeps values for the other. */
export async function meet(one: TableNode, other: TableNode): Promise<void> {
  await one.host.dial(other.host.getMultiaddrs())
  for (const { table } of [one, other]) {
    const holders = async (): Promise<number> => (await table.put('meeting', new Uint8Array())).holders
    await expect.poll(holders, { timeout: 30_000 }).toBeGreaterThan(0)
  }
}

/** Text as bytes. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Counts the rows of a datastore below a prefix. */
export async function countRows(store: MemoryDatastore, prefix: string): Promise<number> {
  let count = 0
  for await (const _ of store.queryKeys({ prefix })) count += 1
  return count
}
