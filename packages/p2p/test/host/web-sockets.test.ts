import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { hostLimits } from '../../src/host/host-limits.ts'
import { startHost } from '../hosts.ts'
import { connectHosts, stopAfterTest, transports } from '../loopback.ts'

/** The port of a node that listens for WebSockets. */
async function listen(): Promise<{ port: number; host: Awaited<ReturnType<typeof startHost>> }> {
  const host = await startHost({ listen: [transports.ws] })
  const [address] = host.getMultiaddrs()
  return { host, port: Number(/\/tcp\/(\d+)\/ws/.exec(String(address))?.[1]) }
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => socket.destroy()).resume()
  await once(socket, 'connect')
  return socket
}

const upgrade = [
  'GET / HTTP/1.1',
  'host: 127.0.0.1',
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  '',
  '',
].join('\r\n')

it('a frame that is none ends its connection, and nothing else', async () => {
  const { port, host } = await listen()
  const socket = await openSocket(port)
  socket.write(upgrade)
  socket.write(Buffer.alloc(1_000, 0xff))
  await once(socket, 'close')
  await connectHosts(stopAfterTest(await startHost()), host)
})

it('a message that is too long ends its connection', async () => {
  const { port } = await listen()
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(webSocket, 'open')
  webSocket.send(new Uint8Array(hostLimits.webSocketMessage + 1))
  const [code] = await once(webSocket, 'close')
  expect(code).toBe(1009)
})

it('text ends its connection', async () => {
  const { port } = await listen()
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(webSocket, 'open')
  webSocket.send('hello')
  await once(webSocket, 'close')
})

it('a socket that says nothing, or not all, does not stay', async () => {
  const { port } = await listen()
  const silent = await openSocket(port)
  const slow = await openSocket(port)
  slow.write(upgrade.slice(0, 40))
  await Promise.all([once(silent, 'close'), once(slow, 'close')])
})

it('no more sockets wait than may', async () => {
  const { port } = await listen()
  const count = hostLimits.pendingConnections + 1
  const sockets = await Promise.all(Array.from({ length: count }, () => openSocket(port)))
  await Promise.race(sockets.map((socket) => once(socket, 'close')))
  expect(sockets.filter(({ closed }) => closed)).toHaveLength(1)
})

it('who wants no WebSocket is told so', async () => {
  const { port } = await listen()
  const response = await fetch(`http://127.0.0.1:${port}`)
  expect(response.status).toBe(400)
})

it.each([
  ['pings that it does not read the answers to', (webSocket: WebSocket) => webSocket.ping()],
  ['pongs', (webSocket: WebSocket) => webSocket.pong()],
  ['empty messages', (webSocket: WebSocket) => webSocket.send(new Uint8Array())],
])('a peer that sends one after the other of %s loses its connection', async (_, send) => {
  const { port } = await listen()
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(webSocket, 'open')
  for (let count = 0; count < hostLimits.webSocketIdleBurst; count++) send(webSocket)
  // Whoever is asked for an answer gives it as long as the connection is open.
  expect(webSocket.readyState).toBe(WebSocket.OPEN)
  for (let count = 0; count < 100; count++) send(webSocket)
  await once(webSocket, 'close')
})

it('a message in too many frames ends its connection', async () => {
  const { port } = await listen()
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}`)
  await once(webSocket, 'open')
  for (let count = 0; count <= hostLimits.webSocketFragments; count++) {
    webSocket.send(Uint8Array.of(0), { fin: false })
  }
  const [code] = await once(webSocket, 'close')
  expect(code).toBe(1008)
})
