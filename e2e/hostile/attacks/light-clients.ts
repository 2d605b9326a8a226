/** Attacks of those who say that they are light clients: more proofs and filters than anybody needs, or for nobody. */
import { encodeFilterRequest, encodeGetProof, type ProtocolName } from '@chain/wire'
import type { Attacker } from '../attacker.ts'
import { ended } from '../flood.ts'
import type { Attack, Stage } from '../stage.ts'
import { frame } from '../wire-bytes.ts'

/** Milliseconds in which an honest light client has its proof after an attack, on a busy machine. */
const PROOF_PATIENCE = 3_000

/** Streams of each peer at once. */
const STREAMS = 4

export const lightClientAttacks: readonly Attack[] = [
  {
    title: 'filters for many peers at once, of which half never read',
    run: (stage) => askTogether(stage, 'filters/1', rangeOf(stage, 'filters')),
  },
  {
    title: 'filter headers for many peers at once, of which half never read',
    run: (stage) => askTogether(stage, 'filters/1', rangeOf(stage, 'headers')),
  },
  {
    title: 'proofs for many peers at once, of which half never read',
    run: (stage) => askTogether(stage, 'proofs/1', proofOf(stage)),
  },
  {
    title: 'proofs for peers that are gone before they are made',
    run: async (stage) => {
      const end = performance.now() + stage.many(2_000, 20_000)
      const comeAndGo = async (): Promise<void> => {
        while (performance.now() < end) {
          await stage.as(stage.join(), async (attacker) => {
            const asked = Array.from({ length: STREAMS }, () => ask(attacker, 'proofs/1', proofOf(stage)))
            await Promise.allSettled(asked)
          })
        }
      }
      await Promise.allSettled(Array.from({ length: 8 }, comeAndGo))
      await expectProof(stage)
    },
  },
]

function rangeOf({ builder }: Stage, kind: 'filters' | 'headers'): Uint8Array {
  return frame(encodeFilterRequest({ kind, startHeight: 0, stop: builder.tip.ancestor(250).hash }))
}

function proofOf({ largeBlock }: Stage): Uint8Array {
  return frame(encodeGetProof({ block: largeBlock, txids: [], coinbase: true, transactions: true }))
}

/** Asks on a stream of its own, and closes its side. */
async function ask(
  attacker: Attacker,
  protocol: ProtocolName,
  request: Uint8Array,
): ReturnType<Attacker['stream']> {
  const stream = await attacker.stream(protocol)
  stream.send(request)
  await stream.close()
  return stream
}

async function askTogether(stage: Stage, protocol: ProtocolName, request: Uint8Array): Promise<void> {
  const end = performance.now() + stage.many(1_000, 15_000)
  const peers = await Promise.all(Array.from({ length: stage.many(10, 25) }, () => stage.join()))
  const askOn = async (attacker: Attacker, reads: boolean): Promise<void> => {
    while (performance.now() < end && attacker.isConnected) {
      const stream = await ask(attacker, protocol, request)
      if (!reads) stream.pause()
      await ended(stream, 1_000)
      stream.abort(new Error('Enough.'))
    }
  }
  const asking = peers.flatMap((peer, index) =>
    Array.from({ length: STREAMS }, () => askOn(peer, index % 2 === 0)),
  )
  await Promise.allSettled(asking)
  await Promise.all(peers.map((peer) => peer.close()))
  await expectProof(stage)
}

/** Nobody waits for what others have asked for and do not want any more. */
async function expectProof(stage: Stage): Promise<void> {
  await stage.as(stage.join(), async (honest) => {
    const start = performance.now()
    const stream = await ask(honest, 'proofs/1', proofOf(stage))
    let bytes = 0
    stream.addEventListener('message', ({ data }) => {
      bytes += data.byteLength
    })
    await ended(stream, PROOF_PATIENCE)
    const seconds = (performance.now() - start) / 1_000
    if (bytes === 0) throw new Error(`An honest light client had no proof within ${seconds} seconds.`)
  })
}
