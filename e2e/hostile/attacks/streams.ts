/** Attacks on streams and frames: what is not a message at all. */
import { randomBytes } from 'node:crypto'
import { type ProtocolName, protocolPrefix } from '@chain/wire'
import type { Attacker } from '../attacker.ts'
import { ended, flood } from '../flood.ts'
import { connectRaw } from '../raw-connection.ts'
import type { Attack, Stage } from '../stage.ts'
import { bytesField, frame, joined, repeated, varint, yamuxFlags, yamuxHeader } from '../wire-bytes.ts'

/** The protocols whose streams a peer opens with a request. */
const requests: readonly ProtocolName[] = ['status/1', 'headers/1', 'blocks/1', 'submit/1', 'relay/1']

/** Sends these bytes on a new stream of each protocol and waits for it to end, for as long as `milliseconds`. */
async function sendEverywhere(
  stage: Stage,
  bytes: (name: ProtocolName) => Uint8Array,
  milliseconds = 150,
): Promise<void> {
  for (const name of requests) {
    await stage.as(stage.join(), async (attacker) => {
      const stream = await attacker.stream(name)
      stream.send(bytes(name))
      await ended(stream, milliseconds)
    })
  }
}

/** Opens so many streams and says so many bytes on each. */
async function openMany(attacker: Attacker, name: ProtocolName, count: number): Promise<void> {
  const opened = await Promise.allSettled(Array.from({ length: count }, () => attacker.stream(name)))
  for (const result of opened) {
    if (result.status === 'fulfilled' && result.value.status === 'open') result.value.send(varint(300))
  }
}

export const streamAttacks: readonly Attack[] = [
  {
    title: 'streams that never agree on a protocol',
    run: async (stage) => {
      const raw = await connectRaw(stage.address)
      const open = (_: unknown, index: number): Uint8Array => {
        const stream = 2 * index + 1
        const hello = new TextEncoder().encode('\x13/multistream/1.0.0\n')
        const data = yamuxHeader('data', { stream, length: hello.length })
        return joined([yamuxHeader('windowUpdate', { flags: yamuxFlags.open, stream }), data, hello])
      }
      raw.socket.send(joined(Array.from({ length: 400 }, open)))
      await ended(raw.socket, stage.many(500, 10_000))
      await raw.close()
    },
  },
  {
    title: 'streams that are half open',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        for (const name of requests) await openMany(attacker, name, stage.many(40, 120))
        await ended(attacker.connection, stage.many(500, 12_000))
      }),
  },
  {
    title: 'a request of which one byte comes in a second',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const stream = await attacker.stream('headers/1')
        for (let i = 0; i < stage.many(2, 12) && stream.status === 'open'; i++) {
          stream.send(Uint8Array.of(0x80 - i))
          await ended(stream, 1_000)
        }
      }),
  },
  {
    title: 'frames that say they are huge',
    run: (stage) => sendEverywhere(stage, () => joined([varint(2 ** 31), new Uint8Array(100_000)])),
  },
  {
    title: 'frames just longer than any message, and sent in full',
    run: (stage) => sendEverywhere(stage, () => frame(new Uint8Array(4_100_000))),
  },
  {
    title: 'lengths that never end',
    run: (stage) => sendEverywhere(stage, () => new Uint8Array(50_000).fill(0xff)),
  },
  {
    title: 'frames that end in the middle',
    run: async (stage) => {
      for (const name of requests) {
        await stage.as(stage.join(), async (attacker) => {
          const stream = await attacker.stream(name)
          stream.send(joined([varint(1_000), new Uint8Array(10)]))
          await stream.close()
        })
      }
    },
  },
  {
    title: 'endless small frames',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const unknown = repeated(frame(bytesField(200, new Uint8Array(0))), 10_000)
        const stream = await attacker.relayStream()
        await flood(stream, () => unknown, { chunks: 5_000, milliseconds: stage.many(1_000, 30_000) })
      }),
  },
  {
    title: 'endless empty frames',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const empty = new Uint8Array(40_000)
        const stream = await attacker.relayStream()
        await flood(stream, () => empty, { chunks: 5_000, milliseconds: stage.many(1_000, 30_000) })
      }),
  },
  {
    title: 'frames of one byte each, each in a write of its own',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const stream = await attacker.stream('relay/1')
        const small = frame(varint(1))
        await flood(stream, () => small, { chunks: 1_000_000, milliseconds: stage.many(700, 30_000) })
      }),
  },
  {
    title: 'more than one request on a stream',
    run: (stage) => sendEverywhere(stage, () => repeated(frame(new Uint8Array(0)), 5_000)),
  },
  {
    title: 'random bytes',
    run: (stage) => sendEverywhere(stage, () => frame(randomBytes(1_000))),
  },
  {
    title: 'a flood of pings that nobody reads',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const protocol = `/${protocolPrefix(stage.network.specId)}/ping/1.0.0`
        const stream = await attacker.streamOf(protocol)
        stream.pause()
        const pings = new Uint8Array(32_000)
        await flood(stream, () => pings, { chunks: 100_000, milliseconds: stage.many(700, 30_000) })
      }),
  },
  {
    title: 'questions who the node is, by the thousand',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const protocol = `/${protocolPrefix(stage.network.specId)}/id/1.0.0`
        for (let i = 0; i < stage.many(40, 400); i++) {
          await Promise.allSettled(Array.from({ length: 20 }, () => attacker.streamOf(protocol)))
        }
      }),
  },
  {
    title: 'a list of protocols that never ends, on a stream',
    run: async (stage) => {
      const raw = await connectRaw(stage.address)
      const list = repeated(new TextEncoder().encode('\x03ls\n'), 500)
      raw.socket.send(yamuxHeader('windowUpdate', { flags: yamuxFlags.open, stream: 1, length: 2 ** 30 }))
      const say = (bytes: Uint8Array): Uint8Array =>
        joined([yamuxHeader('data', { stream: 1, length: bytes.length }), bytes])
      raw.socket.send(say(new TextEncoder().encode('\x13/multistream/1.0.0\n')))
      await flood(raw.socket, () => say(list), { chunks: 100, milliseconds: stage.many(700, 10_000) })
      await raw.close()
    },
  },
]
