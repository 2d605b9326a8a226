/** Attacks below the first byte of chain's protocols: sockets, hand-shakes, and connections that come and go. */
import { connect, type Socket } from 'node:net'
import { createIdentity } from '@chain/p2p'
import { Attacker } from '../attacker.ts'
import { ended } from '../flood.ts'
import { connectRaw } from '../raw-connection.ts'
import type { Attack, Stage } from '../stage.ts'

/** What a dialler says first: the length of a line, then the line. */
const greeting = line('/multistream/1.0.0')

function line(text: string): string {
  return `${String.fromCharCode(text.length + 1)}${text}\n`
}

/** Opens sockets; the connections that the node closes are no matter. */
async function openSockets(port: number, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => socket.destroy())
    socket.resume()
    return socket
  })
  await Promise.all(sockets.map((socket) => opened(socket)))
  return sockets
}

/** Resolves when a socket is open, or will never be. */
function opened(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('connect', resolve).once('close', resolve)
  })
}

/** Does something with sockets, which are closed afterwards. */
async function withSockets(
  port: number,
  count: number,
  act: (sockets: readonly Socket[]) => Promise<void>,
): Promise<void> {
  const sockets = await openSockets(port, count)
  try {
    await act(sockets)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

/**
 * Resolves when the node has closed all of them, at the latest after `milliseconds`: those that the kernel has never
 * handed to the node stay open on this side.
 */
async function allClosed(sockets: readonly Socket[], milliseconds = 6_000): Promise<void> {
  const open = sockets.filter(({ closed }) => !closed)
  const closed = Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, milliseconds).unref())])
}

/** Writes the next byte of `text` to each of them ten times a second, for as long as anybody listens. */
async function trickle(sockets: readonly Socket[], text: string, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds
  for (const byte of Buffer.from(text)) {
    if (performance.now() > end || sockets.every(({ closed }) => closed)) return
    for (const socket of sockets) if (!socket.closed) socket.write(Uint8Array.of(byte))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function send(sockets: readonly Socket[], bytes: string | Uint8Array): void {
  for (const socket of sockets) socket.write(bytes)
}

const webSocketUpgrade = [
  'GET / HTTP/1.1',
  'host: 127.0.0.1',
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  '',
  '',
].join('\r\n')

export const socketAttacks: readonly Attack[] = [
  {
    title: 'silent sockets by the hundred',
    run: (stage) => withSockets(stage.port, stage.many(300, 1_000), (sockets) => allClosed(sockets)),
  },
  {
    title: 'hand-shakes of a byte at a time',
    run: (stage) =>
      withSockets(stage.port, 80, (sockets) =>
        trickle(sockets, greeting + line('/noise'), stage.many(3_000, 10_000)),
      ),
  },
  {
    title: 'garbage instead of a hand-shake',
    run: (stage) =>
      withSockets(stage.port, 80, async (sockets) => {
        send(sockets, Buffer.alloc(100_000, 0xab))
        await allClosed(sockets)
      }),
  },
  {
    title: 'garbage instead of the hand-shake of Noise',
    run: (stage) =>
      withSockets(stage.port, 80, async (sockets) => {
        send(sockets, greeting + line('/noise'))
        send(sockets, Buffer.alloc(70_000, 0xff))
        await allClosed(sockets, stage.many(1_000, 6_000))
      }),
  },
  {
    title: 'an endless list of hand-shakes that nobody knows',
    run: (stage) =>
      withSockets(stage.port, 20, async (sockets) => {
        send(sockets, greeting)
        const proposals = line('/none/1.0.0').repeat(stage.many(10_000, 100_000))
        send(sockets, proposals)
        await allClosed(sockets, stage.many(1_000, 6_000))
      }),
  },
  {
    title: 'garbage and silence instead of an upgrade to WebSocket',
    run: (stage) =>
      withSockets(stage.webSocketPort, 90, async (sockets) => {
        send(sockets.slice(0, 30), Buffer.alloc(100_000, 0xab))
        send(sockets.slice(30, 60), `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(20_000)}`)
        send(sockets.slice(60), webSocketUpgrade)
        send(sockets.slice(60), Buffer.alloc(100_000, 0xff))
        await allClosed(sockets.slice(0, 60))
      }),
  },
  {
    title: 'pings, pongs, empty messages and fragments of WebSockets without end',
    run: (stage) =>
      withSockets(stage.webSocketPort, 32, async (sockets) => {
        send(sockets, webSocketUpgrade)
        for (const [index, socket] of sockets.entries()) {
          // A ping, a pong, an empty message, an empty fragment that is not the last; all masked with zeros.
          const first = [0x89, 0x8a, 0x82, 0x02][index % 4] ?? 0x89
          if (first === 0x02) socket.write(Uint8Array.of(first, 0x80, 0, 0, 0, 0))
          const frame = Uint8Array.of(first === 0x02 ? 0x00 : first, 0x80, 0, 0, 0, 0)
          socket.write(Buffer.concat(Array.from({ length: stage.many(20_000, 1_000_000) }, () => frame)))
        }
        await allClosed(sockets, stage.many(1_000, 6_000))
      }),
  },
  {
    title: 'a peer that speaks to the RPC port',
    run: async (stage) => {
      const { port } = new URL(await stage.rpcUrl())
      await withSockets(Number(port), 30, async (sockets) => {
        send(sockets, greeting + line('/noise'))
        await allClosed(sockets)
      })
    },
  },
  {
    title: 'sockets that are opened and closed at once',
    run: async (stage) => {
      for (let round = 0; round < stage.many(4, 200); round++) {
        await withSockets(stage.port, 50, async () => undefined)
      }
    },
  },
  {
    title: 'connections that are made and dropped at once',
    run: async (stage) => {
      for (let round = 0; round < stage.many(8, 200); round++) {
        const made = await Promise.allSettled(Array.from({ length: 8 }, () => connectRaw(stage.address)))
        const open = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
        await Promise.all(open.map((raw) => raw.close()))
      }
    },
  },
  {
    title: 'connections of one peer by the dozen',
    run: async (stage) => {
      const identity = await createIdentity()
      const results = await Promise.allSettled(Array.from({ length: 24 }, () => stage.join({ identity })))
      const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      await stage.target.waitForPeers('few connections of one peer', (peers) => peers.length < 6)
      await Promise.all(made.map((attacker) => attacker.close()))
    },
  },
  {
    title: 'ever new identities, each of which breaks a rule and comes back as another',
    run: async (stage) => {
      for (let round = 0; round < stage.many(8, 300); round++) {
        await Promise.allSettled(Array.from({ length: 6 }, () => misbehaveOnce(stage)))
      }
    },
  },
  {
    title: 'as many peers as there is room for, and more',
    run: async (stage) => {
      const results = await Promise.allSettled(Array.from({ length: 110 }, () => stage.join()))
      const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      await stage.target.waitForPeers('room to run out', (peers) => peers.length <= 80)
      await Promise.all(made.map((attacker) => attacker.close()))
    },
  },
]

async function misbehaveOnce(stage: Stage): Promise<void> {
  const attacker = await Attacker.join(stage.address, stage.network)
  const stream = await attacker.stream('relay/1')
  stream.send(Uint8Array.of(3, 0xff, 0xff, 0xff))
  await ended(stream, 5_000)
  await attacker.close()
}
