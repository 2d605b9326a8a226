/** Attacks with well-formed frames whose messages are wrong, absurd, or too many. */
import { randomBytes } from 'node:crypto'
import type { ProtocolName } from '@chain/wire'
import { encodeGetBlocks, encodeGetHeaders, encodeRelayMessage } from '@chain/wire'
import type { Stream } from '@libp2p/interface'
import type { Attacker } from '../attacker.ts'
import { after, ended, flood } from '../flood.ts'
import type { Attack, Stage } from '../stage.ts'
import { bytesField, frame, joined, repeated, varint } from '../wire-bytes.ts'

/** Sends one frame on a new stream of a new peer and waits a moment for the answer or the end. */
async function say(stage: Stage, name: ProtocolName, body: Uint8Array): Promise<void> {
  await stage.as(stage.join(), async (attacker) => {
    const stream = await attacker.stream(name)
    stream.send(frame(body))
    await ended(stream, 150)
  })
}

const hash = (): Uint8Array => new Uint8Array(randomBytes(32))

/** `count` fields of 32 random bytes. */
function hashes(field: number, count: number): Uint8Array {
  return joined(Array.from({ length: count }, () => bytesField(field, hash())))
}

export const messageAttacks: readonly Attack[] = [
  {
    title: 'fields that no version knows',
    run: async (stage) => {
      const few = repeated(bytesField(1_000, new Uint8Array(10)), 64)
      const many = repeated(bytesField(1_000, new Uint8Array(0)), 100_000)
      await say(stage, 'relay/1', few)
      await say(stage, 'relay/1', many)
      await say(stage, 'headers/1', joined([few, encodeGetHeaders({ locator: [hash()] })]))
      await say(stage, 'relay/1', bytesField(1_000, new Uint8Array(400_000)))
    },
  },
  {
    title: 'messages of unknown kinds as large as may be, without end',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const large = frame(bytesField(1_000, new Uint8Array(400_000)))
        const stream = await attacker.relayStream()
        await flood(stream, () => large, { chunks: 10_000, milliseconds: stage.many(1_000, 30_000) })
      }),
  },
  {
    title: 'counts that are absurd',
    run: async (stage) => {
      await say(stage, 'relay/1', bytesField(1, hashes(1, 10_000)))
      await say(stage, 'relay/1', bytesField(2, hashes(1, 10_000)))
      await say(stage, 'relay/1', bytesField(1, repeated(bytesField(1, new Uint8Array(0)), 150_000)))
      await say(stage, 'headers/1', hashes(1, 102))
      await say(stage, 'blocks/1', hashes(1, 129))
      await say(stage, 'relay/1', bytesField(1, bytesField(1, hash(), 0xffff_ffff)))
    },
  },
  {
    title: 'messages in messages in messages',
    run: async (stage) => {
      let nested: Uint8Array = new Uint8Array(0)
      while (nested.length < 60_000) nested = bytesField(1, nested)
      await say(stage, 'relay/1', nested)
      await say(stage, 'relay/1', repeated(varint(1 * 8 + 3), 100_000))
    },
  },
  {
    title: 'names of programs that are too long or steer terminals',
    run: async (stage) => {
      await stage.as(stage.connect(), async (attacker) => {
        const stream = await attacker.stream('status/1')
        stream.send(frame(bytesField(2, new Uint8Array(1_000).fill(65))))
        await ended(stream, 150)
      })
      await stage.as(stage.connect(), async (attacker) => {
        const stream = await attacker.stream('status/1')
        stream.send(frame(bytesField(2, new TextEncoder().encode('\x1b[2Jchain'))))
        await ended(stream, 150)
      })
    },
  },
  {
    title: 'clocks that are wrong, other networks, and claims without bounds',
    run: async (stage) => {
      const claims = [
        { time: 0 },
        { time: 0xffff_ffff },
        { genesis: hash() },
        { work: 2n ** 256n - 1n, height: 0xffff_ffff },
        { services: 0xffff_ffff, protocolVersion: 0xffff_ffff },
      ]
      for (const status of claims) await stage.as(stage.join({ status }), async () => undefined)
    },
  },
  {
    title: 'a status again and again',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const end = performance.now() + stage.many(700, 20_000)
        for (let i = 0; performance.now() < end; i++) {
          const changes = { height: i, work: BigInt(i + 3) }
          const told = Promise.allSettled([attacker.tellStatus(changes), attacker.tellStatus(changes)])
          await Promise.race([told, after(end - performance.now())])
        }
      }),
  },
  {
    title: 'requests for headers without end',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const request = frame(encodeGetHeaders({ locator: Array.from({ length: 101 }, hash) }))
        await askOften(stage, () => attacker.stream('headers/1'), request)
      }),
  },
  {
    title: 'requests for the same block without end',
    run: async (stage) => {
      const request = frame(encodeGetBlocks({ hashes: Array.from({ length: 128 }, () => stage.largeBlock) }))
      await Promise.all(
        Array.from({ length: 8 }, () =>
          stage.as(stage.join(), (attacker) => askOften(stage, () => attacker.stream('blocks/1'), request)),
        ),
      )
    },
  },
  {
    title: 'requests for blocks from peers that never read',
    run: async (stage) => {
      const request = frame(encodeGetBlocks({ hashes: Array.from({ length: 128 }, () => stage.largeBlock) }))
      const peers: Attacker[] = []
      // No more at once than may come without having told their status yet: they would push out each other.
      while (peers.length < stage.many(20, 60)) {
        peers.push(...(await Promise.all(Array.from({ length: 20 }, () => stage.join()))))
      }
      for (const peer of peers) {
        for (let i = 0; i < 4; i++) {
          const stream = await peer.stream('blocks/1')
          stream.pause()
          stream.send(request)
        }
      }
      await after(stage.many(1_000, 40_000))
      await Promise.all(peers.map((peer) => peer.close()))
    },
  },
  {
    title: 'requests for blocks that nobody has',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const request = frame(encodeGetBlocks({ hashes: Array.from({ length: 128 }, hash) }))
        await askOften(stage, () => attacker.stream('blocks/1'), request)
      }),
  },
  {
    title: 'inventories without end',
    run: (stage) => floodRelay(stage, 'inventory'),
  },
  {
    title: 'requests for transactions that nobody has, without end',
    run: (stage) => floodRelay(stage, 'get-data'),
  },
  {
    title: 'answers to questions that nobody asked',
    run: (stage) => floodRelay(stage, 'not-found'),
  },
  {
    title: 'requests for transactions from a peer that never reads the answers',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const ids = Array.from({ length: 1_000 }, hash)
        const message = frame(encodeRelayMessage({ kind: 'get-data', transactions: ids }))
        const stream = await attacker.relayStream()
        stream.pause()
        await flood(stream, () => message, { chunks: 5_000, milliseconds: stage.many(1_200, 40_000) })
      }),
  },
  {
    title: 'fee filters without end',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const messages = repeated(
          frame(encodeRelayMessage({ kind: 'fee-filter', feeRate: 1_000_000 })),
          1_000,
        )
        const stream = await attacker.relayStream()
        await flood(stream, () => messages, { chunks: 5_000, milliseconds: stage.many(700, 30_000) })
      }),
  },
]

/** Asks the same over and over on new streams, and reads no more of the answer than comes by itself. */
async function askOften(stage: Stage, open: () => Promise<Stream>, request: Uint8Array): Promise<void> {
  const end = performance.now() + stage.many(700, 20_000)
  while (performance.now() < end) {
    const asked = Array.from({ length: 4 }, async () => {
      const stream = await open()
      stream.send(request)
      await ended(stream, 200)
      stream.abort(new Error('Enough.'))
    })
    await Promise.allSettled(asked)
  }
}

/** Writes lists of random ids for as long as the node takes them. */
async function floodRelay(stage: Stage, kind: 'inventory' | 'get-data' | 'not-found'): Promise<void> {
  await stage.as(stage.join(), async (attacker) => {
    const stream = await attacker.relayStream()
    const message = (): Uint8Array =>
      frame(encodeRelayMessage({ kind, transactions: Array.from({ length: 1_000 }, hash) }))
    await flood(stream, message, { chunks: 5_000, milliseconds: stage.many(1_200, 40_000) })
  })
}
