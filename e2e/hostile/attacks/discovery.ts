/** Attacks on the hash table: records of strangers, by the thousand. */
import { randomBytes } from 'node:crypto'
import { rendezvousKeys } from '@chain/p2p'
import { dhtProtocolId, protocolId } from '@chain/wire'
import type { Attacker } from '../attacker.ts'
import { ended, flood } from '../flood.ts'
import type { Attack, Stage } from '../stage.ts'
import { bytesField, frame, joined, varint } from '../wire-bytes.ts'

const once = { chunks: 1, milliseconds: 1_000 }

/** The kinds of message of the hash table. */
const kinds = { putValue: 0, getValue: 1, addProvider: 2, getProviders: 3, findNode: 4 } as const

/** A message of the hash table: its kind, its key, and what else it holds. */
function message(kind: keyof typeof kinds, key: Uint8Array, ...fields: readonly Uint8Array[]): Uint8Array {
  return frame(joined([varint(8), varint(kinds[kind]), bytesField(2, key), ...fields]))
}

/** Says that somebody provides something. */
function provider(attacker: Attacker, port: number): Uint8Array {
  const address = Uint8Array.of(4, 127, 0, 0, 1, 6, port >> 8, port & 0xff)
  return bytesField(
    9,
    joined([bytesField(1, attacker.host.peerId.toMultihash().bytes), bytesField(2, address)]),
  )
}

/** Writes message after message on streams of the hash table, a new one when one ends. */
async function spam(stage: Stage, attacker: Attacker, next: (index: number) => Uint8Array): Promise<void> {
  const end = performance.now() + stage.many(800, 30_000)
  while (performance.now() < end && attacker.isConnected) {
    const stream = await attacker.streamOf(dhtProtocolId(stage.network.specId))
    const milliseconds = end - performance.now()
    const sent = await flood(stream, next, { chunks: 10_000, milliseconds })
    stream.abort(new Error('Enough.'))
    if (sent === 0) await ended(stream, 50)
  }
}

export const discoveryAttacks: readonly Attack[] = [
  {
    title: 'records of providers of anything',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const record = provider(attacker, 4_000)
        await spam(stage, attacker, () =>
          message('addProvider', joined([Uint8Array.of(0x12, 32), new Uint8Array(randomBytes(32))]), record),
        ).catch(() => undefined)
      }),
  },
  {
    title: 'records of providers at the rendezvous, of one identity after the other',
    run: async (stage) => {
      const [key] = await rendezvousKeys(stage.network.specId, stage.builder.spec.rendezvous)
      if (key === undefined) throw new Error('There is a rendezvous.')
      for (let round = 0; round < stage.many(4, 100); round++) {
        await Promise.allSettled(
          Array.from({ length: 6 }, () =>
            stage.as(stage.join(), async (attacker) => {
              const stream = await attacker.streamOf(dhtProtocolId(stage.network.specId))
              const records = Array.from({ length: 50 }, (_, i) => provider(attacker, 4_000 + i))
              stream.send(message('addProvider', key.multihash.bytes, ...records))
              await stream.close()
            }),
          ),
        )
      }
    },
  },
  {
    title: 'values that nobody wants in the hash table',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        await spam(stage, attacker, (index) => {
          const key = new TextEncoder().encode(`/spam/${index}`)
          const record = joined([bytesField(1, key), bytesField(2, new Uint8Array(randomBytes(50_000)))])
          return message('putValue', key, bytesField(3, record))
        }).catch(() => undefined)
      }),
  },
  {
    title: 'lookups in the hash table without end',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        await spam(stage, attacker, () => message('findNode', new Uint8Array(randomBytes(36)))).catch(
          () => undefined,
        )
      }),
  },
  {
    title: 'messages of the hash table that say they are huge',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const stream = await attacker.streamOf(dhtProtocolId(stage.network.specId))
        await flood(stream, () => joined([varint(2 ** 31), new Uint8Array(100_000)]), once)
        await ended(stream, 500)
      }),
  },
  {
    title: 'messages of the hash table that are huge',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const stream = await attacker.streamOf(dhtProtocolId(stage.network.specId))
        await flood(stream, () => frame(new Uint8Array(randomBytes(1_000_000))), once)
        await ended(stream, 500)
      }),
  },
  {
    title: 'records of peers that nobody has signed, for whoever asks',
    run: (stage) =>
      stage.as(stage.connect(), async (attacker) => {
        const record = (): Uint8Array => bytesField(1, new Uint8Array(randomBytes(1_000)))
        const protocol = protocolId(stage.network.specId, 'peers/1')
        await attacker.host.handle(protocol, async (stream) => {
          stream.send(frame(joined(Array.from({ length: 50 }, record))))
          await stream.close()
        })
        await attacker.tellStatus()
        await ended(attacker.connection, stage.many(500, 90_000))
      }),
  },
  {
    title: 'questions for records of peers without end',
    run: (stage) =>
      stage.as(stage.join(), async (attacker) => {
        const end = performance.now() + stage.many(700, 20_000)
        const ask = async (): Promise<void> => {
          const stream = await attacker.stream('peers/1')
          stream.send(frame(joined([varint(8), varint(50)])))
          await ended(stream, 200)
        }
        while (performance.now() < end) await Promise.allSettled(Array.from({ length: 4 }, ask))
      }),
  },
]
