/**
 * Scenes on addresses that no test machine has: run by `namespace.test.ts` in a network namespace of their own, in which the
 * one interface holds 10.7.0.1 to 10.7.0.9 and 8.8.4.1 to 8.8.4.40. Prints what happened as JSON.
 */
import { connect, type Socket } from 'node:net'
import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { pEvent } from 'p-event'
import { LocalNetwork } from '../../src/discovery/local-network.ts'
import { createHost, type HostOptions, type HostServices } from '../../src/host/host.ts'
import { createIdentity } from '../../src/host/identity.ts'
import {
  AddressScores,
  BanList,
  Candidates,
  defaultCapacity,
  KnownPeers,
  MemoryKnownPeers,
  PeerGater,
  ScoreBook,
} from '../../src/peers/index.ts'

const specId = '0a1b2c3d'
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

function startCandidates(): { candidates: Candidates; gater: PeerGater } {
  const now = Date.now
  const known = new KnownPeers(new MemoryKnownPeers(), now, log)
  const candidates = new Candidates({ known, now, steady: now, random: Math.random })
  const gater = new PeerGater({
    bans: new BanList(known, now),
    scores: new ScoreBook(),
    addressScores: new AddressScores(),
    candidates,
    capacity: defaultCapacity,
    steady: now,
  })
  return { candidates, gater }
}

async function startHost(changes: Partial<HostOptions> = {}): Promise<Libp2p<HostServices>> {
  const { gater } = startCandidates()
  const host = await createHost({
    specId,
    agent: 'chain-test/1.2.3',
    identity: await createIdentity(),
    listen: ['/ip4/0.0.0.0/tcp/0'],
    datastore: new MemoryDatastore(),
    gater,
    maxConnections: 100,
    allowLoopback: false,
    dht: false,
    ...changes,
  })
  gater.watch(host)
  await host.start()
  return host
}

function ips(host: Libp2p): string[] {
  return host.getMultiaddrs().map((address) => String(address).split('/')[2] ?? '')
}

async function announced(): Promise<object> {
  const [plain, found] = [await startHost(), await startHost({ announcePrivate: true })]
  const [local] = [await startHost({ listen: ['/ip4/10.7.0.1/tcp/0'] })]
  return { plain: ips(plain), found: ips(found), local: ips(local) }
}

/** A socket that says nothing; resolves with it when it is open. */
async function openSilent(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ port, host: '8.8.4.1', localAddress })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}

/** How many of some silent sockets the host has kept, once it has closed those that it did not want. */
async function kept(sockets: readonly Socket[], expected: number): Promise<number> {
  const open = (): Socket[] => sockets.filter(({ closed }) => !closed)
  for (const socket of sockets) socket.resume()
  while (open().length > expected) {
    await Promise.race(open().map((each) => new Promise((resolve) => each.once('close', resolve))))
  }
  return open().length
}

/** One address in a burst; then a whole subnet, each address once; then the time that all of them have. */
async function silent(): Promise<object> {
  const host = await startHost()
  const port = Number(String(host.getMultiaddrs()[0]).split('/')[4])
  const burst = await Promise.all(Array.from({ length: 12 }, () => openSilent(port, '10.7.0.2')))
  const keptOfBurst = await kept(burst, defaultCapacity.perAddress)
  const subnet = Array.from({ length: 38 }, (_, index) => openSilent(port, `8.8.4.${index + 2}`))
  const sockets = await Promise.all(subnet)
  const keptOfSubnet = await kept(sockets, defaultCapacity.perSubnet)
  const other = await openSilent(port, '10.7.0.3')
  const opened = performance.now()
  const stay = new Promise<number>((resolve) =>
    other.once('close', () => resolve(performance.now() - opened)),
  )
  await kept([...burst, ...sockets, other], 0)
  return { keptOfBurst, keptOfSubnet, stay: await stay }
}

/** Two hosts that only multicast brings together. */
async function multicast(): Promise<object> {
  const nodes = await Promise.all(
    [1, 2].map(async () => {
      const host = await startHost({ announcePrivate: true })
      const { candidates } = startCandidates()
      return { host, candidates, local: new LocalNetwork({ host, specId, candidates, log }) }
    }),
  )
  const [a, b] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  const heard = new Promise<void>((resolve) => a.candidates.subscribe(resolve))
  await a.local.start()
  await b.local.start()
  await heard
  const [found] = a.candidates.list()
  const connected = pEvent<'connection:open', CustomEvent<Connection>>(b.host, 'connection:open')
  await a.host.dial((found?.addresses ?? []).map((address) => multiaddr(address)))
  await connected
  await Promise.all(nodes.map(({ local }) => local.stop()))
  return { source: found?.source, isOther: found?.key === b.host.peerId.toString() }
}

/** A machine without any interface, on which nothing can be sent. */
async function alone(): Promise<object> {
  const host = await startHost({ listen: [] })
  const { candidates } = startCandidates()
  const local = new LocalNetwork({ host, specId, candidates, log })
  await local.start()
  await new Promise((resolve) => setImmediate(resolve))
  await local.stop()
  return { survived: true }
}

const scenes = { announced, silent, multicast, alone }
const scene = scenes[process.argv[2] as keyof typeof scenes]
process.stdout.write(JSON.stringify(await scene()), () => process.exit(0))
