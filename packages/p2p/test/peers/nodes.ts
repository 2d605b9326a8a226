/**
 * Nodes made of a real host and a peer set, on loopback, for tests of peers and discovery.
 */
import { protocolVersion, type Status, serviceFlags } from '@chain/wire'
import type { Libp2p } from '@libp2p/interface'
import { MemoryDatastore } from 'datastore-core'
import { pEvent } from 'p-event'
import { onTestFinished } from 'vitest'
import { rendezvousKeys } from '../../src/discovery/rendezvous.ts'
import type { HostOptions, HostServices } from '../../src/host/host.ts'
import {
  AddressScores,
  BanList,
  Candidates,
  defaultCapacity,
  KnownPeers,
  MemoryKnownPeers,
  maxConnections,
  type Peer,
  type PeerCapacity,
  type PeerEvent,
  PeerGater,
  PeerRecorder,
  PeerSet,
  ScoreBook,
  SmallTalk,
} from '../../src/peers/index.ts'
import { newHost, specId } from '../hosts.ts'
import { silentLog } from '../silent-log.ts'

/** Name under which the test nodes find each other. */
export const rendezvousName = 'test'

/** A status of the tests' network. */
export function createStatus(changes: Partial<Status> = {}): Status {
  return {
    protocolVersion,
    agent: 'chain-test/1.2.3',
    genesis: new Uint8Array(32).fill(7),
    tip: new Uint8Array(32).fill(7),
    height: 0,
    work: BigInt(changes.height ?? 0) + 2n,
    services: serviceFlags.fullBlocks,
    time: Math.floor(Date.now() / 1_000),
    nonce: crypto.getRandomValues(new Uint8Array(8)),
    ...changes,
  }
}

/** What a test may change about a node. */
export interface NodeChanges {
  readonly host?: Partial<HostOptions>
  readonly capacity?: Partial<PeerCapacity>
  readonly status?: Partial<Status>
  readonly table?: MemoryKnownPeers
  /** Whether it takes part in a hash table. */
  readonly dht?: boolean
  /** Gives Unix milliseconds; the system's clock when absent. */
  readonly now?: () => number
}

/** A goodbye as the log has it. */
export interface HeardGoodbye {
  readonly peerId: string
  readonly reason: string
  readonly sentence: string
}

/** A node up to its peer set. */
export interface TestNode {
  readonly id: string
  readonly host: Libp2p<HostServices>
  readonly peers: PeerSet
  readonly known: KnownPeers
  readonly bans: BanList
  readonly scores: ScoreBook
  readonly addressScores: AddressScores
  readonly candidates: Candidates
  readonly talk: SmallTalk
  readonly table: MemoryKnownPeers
  readonly datastore: MemoryDatastore
  /** What has happened to its peers so far. */
  readonly events: readonly string[]
  /** The goodbyes that it has heard so far. */
  readonly told: readonly HeardGoodbye[]
  /** Resolves with the next goodbye that it hears. */
  goodbye(): Promise<HeardGoodbye>
  /** Multiaddrs with the peer id. */
  addresses(): string[]
  /** Resolves with the next peer event that fits; one that has come already does not count. */
  next(type: PeerEvent['type'], peerId?: string): Promise<Peer>
  /** Resolves with the peer when it is ready. */
  ready(peerId: string): Promise<Peer>
  stop(): Promise<void>
}

/** A node that is started, and stopped when the test has finished. */
export async function startNode(changes: NodeChanges = {}): Promise<TestNode> {
  const table = changes.table ?? new MemoryKnownPeers()
  const now = changes.now ?? Date.now
  const told: HeardGoodbye[] = []
  const heard = new EventTarget()
  const onGoodbye = (data: object, message: string): void => {
    if (message !== 'A peer says goodbye') return
    told.push(data as HeardGoodbye)
    heard.dispatchEvent(new Event('goodbye'))
  }
  const log = { ...silentLog, info: onGoodbye, debug: onGoodbye }
  const capacity = { ...defaultCapacity, ...changes.capacity }
  const known = new KnownPeers(table, now, log)
  const bans = new BanList(known, now)
  const scores = new ScoreBook()
  const addressScores = new AddressScores()
  const candidates = new Candidates({ known, now, steady: now, random: Math.random })
  const gater = new PeerGater({ bans, scores, addressScores, candidates, capacity, steady: now })
  const datastore = new MemoryDatastore()
  const dht = changes.dht === true ? { providerKeys: await rendezvousKeys(specId, rendezvousName) } : false
  const host = await newHost({
    gater,
    datastore,
    dht,
    maxConnections: maxConnections(capacity),
    ...changes.host,
  })
  gater.watch(host)
  const nonce = crypto.getRandomValues(new Uint8Array(8))
  const ownStatus = (): Status => createStatus({ nonce, ...changes.status })
  const talk = new SmallTalk()
  const peers = new PeerSet(
    { specId, capacity },
    { host, known, bans, scores, addressScores, candidates, ownStatus, talk, now, steady: now, log },
  )
  const recorder = new PeerRecorder({ host, peers, candidates, now, log })
  const events: string[] = []
  peers.subscribe(({ type, peer }) => events.push(`${type} ${peer.id}`))
  const stop = async (): Promise<void> => {
    await recorder.stop()
    await peers.stop()
    await host.stop()
  }
  recorder.start()
  await peers.start()
  await host.start()
  onTestFinished(stop)
  return {
    id: host.peerId.toString(),
    host,
    peers,
    known,
    bans,
    scores,
    addressScores,
    candidates,
    talk,
    table,
    datastore,
    events,
    told,
    goodbye: async () => {
      await pEvent(heard, 'goodbye')
      return told.at(-1) as HeardGoodbye
    },
    addresses: () => host.getMultiaddrs().map(String),
    next: (type, peerId) => nextEvent(peers, type, peerId),
    ready: async (peerId) => peers.get(peerId) ?? (await nextEvent(peers, 'peer-ready', peerId)),
    stop,
  }
}

function nextEvent(peers: PeerSet, type: PeerEvent['type'], peerId: string | undefined): Promise<Peer> {
  return new Promise((resolve) => {
    const unsubscribe = peers.subscribe((event) => {
      if (event.type !== type || (peerId !== undefined && event.peer.id !== peerId)) return
      unsubscribe()
      resolve(event.peer)
    })
  })
}

/** Makes two nodes peers; resolves when both know it. */
export async function connectNodes(dialler: TestNode, listener: TestNode): Promise<[Peer, Peer]> {
  const accepted = listener.ready(dialler.id)
  const dialled = await dialler.peers.connect(listener.addresses())
  return [dialled, await accepted]
}

/** Resolves when a node has stored the provider record of a peer, which nobody confirms. */
export function providerRecord(node: TestNode, peerId: string): Promise<void> {
  const { datastore } = node
  const put = datastore.put.bind(datastore)
  return new Promise((resolve) => {
    datastore.put = async (key, value) => {
      const stored = await put(key, value)
      if (key.toString().startsWith('/dht/provider/') && key.name() === peerId) resolve()
      return stored
    }
  })
}
