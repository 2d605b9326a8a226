/**
 * Two libp2p hosts on loopback with one connection between them, for tests of streams and protocols.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { noise as renamedNoise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux as renamedYamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'
import { muxerOptions } from '../src/host/host.ts'
import { boundedWebSockets } from '../src/host/web-socket-transport.ts'

/** The two releases of the same encryption and multiplexer. */
export const stacks = [
  { stack: '@chainsafe', connectionEncrypters: [noise()], streamMuxers: [yamux(muxerOptions)] },
  { stack: '@libp2p', connectionEncrypters: [renamedNoise()], streamMuxers: [renamedYamux(muxerOptions)] },
] as const

export type Stack = Pick<(typeof stacks)[number], 'connectionEncrypters' | 'streamMuxers'>

/** Where a host listens. */
export const transports: Readonly<Record<'tcp' | 'ws', string>> = {
  tcp: '/ip4/127.0.0.1/tcp/0',
  ws: '/ip4/127.0.0.1/tcp/0/ws',
}

export interface Pair {
  readonly server: Libp2p
  readonly client: Libp2p
  /** The client's end of the connection. */
  readonly connection: Connection
  /** The server's end of it. */
  readonly serverConnection: Connection
}

/** Starts two bare hosts and connects them; both stop when the test has finished. */
export async function connectPair(stack: Stack = stacks[0], listen = transports.tcp): Promise<Pair> {
  const server = await bareHost(stack, [listen])
  const client = await bareHost(stack, [])
  return await connectHosts(client, server)
}

/** Connects two hosts that run; resolves when both have the connection. */
export async function connectHosts(client: Libp2p, server: Libp2p): Promise<Pair> {
  const accepted = new Promise<Connection>((resolve) => {
    server.addEventListener('connection:open', ({ detail }) => {
      if (detail.remotePeer.equals(client.peerId)) resolve(detail)
    })
  })
  const connection = await client.dial(server.getMultiaddrs())
  return { client, server, connection, serverConnection: await accepted }
}

/** Stops `host` when the test has finished. */
export function stopAfterTest<Host extends Libp2p>(host: Host): Host {
  onTestFinished(async () => {
    await host.stop()
  })
  return host
}

async function bareHost(stack: Stack, listen: string[]): Promise<Libp2p> {
  return stopAfterTest(
    await createLibp2p({
      addresses: { listen },
      transports: [tcp(), boundedWebSockets()],
      connectionEncrypters: [...stack.connectionEncrypters],
      streamMuxers: [...stack.streamMuxers],
      connectionMonitor: { enabled: false },
    }),
  )
}

/** The server's end of the next stream of `protocol`. */
export function nextStream(server: Libp2p, protocol: string): Promise<Stream> {
  return new Promise((resolve, reject) => {
    server.handle(protocol, (stream) => resolve(stream), { maxInboundStreams: 1_000 }).catch(reject)
  })
}

/** Both ends of one new stream: the client's and the server's. */
export async function openPair(
  pair: Pair,
  protocol = '/test/1',
): Promise<{ client: Stream; server: Stream }> {
  const accepted = nextStream(pair.server, protocol)
  const client = await pair.connection.newStream(protocol)
  const server = await accepted
  await pair.server.unhandle(protocol)
  return { client, server }
}
