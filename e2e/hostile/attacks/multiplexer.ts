/** Attacks on the multiplexer: Yamux frames that no honest multiplexer writes, or more of them than any needs. */
import type { MessageStream } from '@libp2p/interface'
import { ended, flood } from '../flood.ts'
import { connectRaw, type RawConnection } from '../raw-connection.ts'
import type { Attack, Stage } from '../stage.ts'
import { joined, repeated, yamuxFlags, yamuxHeader } from '../wire-bytes.ts'

/** What Noise makes of a connection, as far as an attacker has a use for it. */
interface EncryptedConnection extends MessageStream {
  readonly handshake: { encrypt(bytes: Uint8Array): { subarray(): Uint8Array } }
  /** What it encrypts for. */
  readonly stream: MessageStream
}

/** Bytes of one write. */
const CHUNK = 60_000

async function onRawConnection(stage: Stage, act: (raw: RawConnection) => Promise<void>): Promise<void> {
  const raw = await connectRaw(stage.address)
  try {
    await act(raw)
  } finally {
    await raw.close()
  }
}

const ping = yamuxHeader('ping', { flags: yamuxFlags.open, length: 7 })

export const multiplexerAttacks: readonly Attack[] = [
  {
    title: 'a frame of the multiplexer that says it is 4 GB long',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        const open = yamuxHeader('windowUpdate', { flags: yamuxFlags.open, stream: 1 })
        const huge = yamuxHeader('data', { stream: 1, length: 0xffff_ffff })
        socket.send(joined([open, huge]))
        const zeros = new Uint8Array(CHUNK)
        await flood(socket, () => zeros, { chunks: 8_000, milliseconds: stage.many(700, 10_000) })
      }),
  },
  {
    title: 'a flood of pings of the multiplexer',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        const pings = repeated(ping, CHUNK / 12)
        await flood(socket, () => pings, { chunks: 2_000, milliseconds: stage.many(700, 10_000) })
      }),
  },
  {
    title: 'a flood of pings from a peer that never reads the answers',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        socket.pause()
        const pings = repeated(ping, CHUNK / 12)
        await flood(socket, () => pings, { chunks: 2_000, milliseconds: stage.many(700, 10_000) })
      }),
  },
  {
    title: 'streams that are opened and reset at once, as fast as they can be written',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        let next = 1
        const pair = (): Uint8Array => {
          const stream = next
          next += 2
          return joined([
            yamuxHeader('windowUpdate', { flags: yamuxFlags.open, stream }),
            yamuxHeader('windowUpdate', { flags: yamuxFlags.reset, stream }),
          ])
        }
        const chunk = (): Uint8Array => joined(Array.from({ length: 1_000 }, pair))
        await flood(socket, chunk, { chunks: 200, milliseconds: stage.many(700, 10_000) })
      }),
  },
  {
    title: 'streams beyond all limits that are never closed',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        const chunk = (index: number): Uint8Array =>
          joined(
            Array.from({ length: 1_000 }, (_, i) =>
              yamuxHeader('windowUpdate', { flags: yamuxFlags.open, stream: 2 * (index * 1_000 + i) + 1 }),
            ),
          )
        await flood(socket, chunk, { chunks: 100, milliseconds: stage.many(700, 10_000) })
      }),
  },
  {
    title: 'data for streams that do not exist',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        const one = joined([yamuxHeader('data', { stream: 99, length: 1_000 }), new Uint8Array(1_000)])
        const chunk = repeated(one, 50)
        await flood(socket, () => chunk, { chunks: 8_000, milliseconds: stage.many(700, 10_000) })
      }),
  },
  {
    title: 'data frames of one byte',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        socket.send(yamuxHeader('windowUpdate', { flags: yamuxFlags.open, stream: 1 }))
        const one = joined([yamuxHeader('data', { stream: 1, length: 1 }), Uint8Array.of(0)])
        const chunk = repeated(one, 4_000)
        await flood(socket, () => chunk, { chunks: 2_000, milliseconds: stage.many(700, 10_000) })
      }),
  },
  {
    title: 'encrypted messages with nothing in them',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        const { handshake, stream } = socket as EncryptedConnection
        const nothing = (): Uint8Array => {
          const message = handshake.encrypt(new Uint8Array()).subarray()
          return joined([Uint8Array.of(0, message.length), message])
        }
        const chunk = (): Uint8Array => joined(Array.from({ length: 1_000 }, nothing))
        await flood(stream, chunk, { chunks: 20_000, milliseconds: stage.many(700, 10_000) })
      }),
  },
  {
    title: 'frames of the multiplexer that are none',
    run: (stage) =>
      onRawConnection(stage, async ({ socket }) => {
        socket.send(new Uint8Array(CHUNK).fill(0xab))
        await ended(socket, 4_000)
      }),
  },
]
