import { encodeBlockReply, protocolId, type Status, type SubmitReply } from '@chain/wire'
import { pipe } from 'it-pipe'
import { describe, expect, it } from 'vitest'
import { handleBlocks, requestBlocks } from '../../src/protocols/blocks.ts'
import { handleHeaders, requestHeaders } from '../../src/protocols/headers.ts'
import { handleStatus, requestStatus } from '../../src/protocols/status.ts'
import { handleSubmit, requestSubmit } from '../../src/protocols/submit.ts'
import { encodeFrames } from '../../src/streams/frames.ts'
import { streamDuplex } from '../../src/streams/stream-duplex.ts'
import { connectLightHost, specId, startHost } from '../hosts.ts'
import { connectHosts, type Pair, transports } from '../loopback.ts'

const hash = (first: number): Uint8Array => new Uint8Array(32).fill(first)

const status = (height: number): Status => ({
  protocolVersion: 1,
  agent: 'chain-test/1.2.3',
  genesis: hash(0),
  tip: hash(9),
  height,
  work: BigInt(height) * 2n,
  services: 1,
  time: 1_700_000_000,
  nonce: new Uint8Array(8),
})

/** Answers `name` with these frames, whatever is asked. */
async function answerWith(
  { server }: Pair,
  name: 'status/1' | 'headers/1' | 'blocks/1' | 'submit/1',
  frames: Uint8Array[],
): Promise<void> {
  await server.handle(protocolId(specId, name), (stream) =>
    pipe(frames, encodeFrames, streamDuplex(stream, { writeTimeout: 10_000 })),
  )
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

describe.each(Object.entries(transports))('over %s', (_, listen) => {
  it('status tells both sides what the other is', async () => {
    const { server, client, connection } = await connectLightHost(listen)
    const told: [Status, string][] = []
    await handleStatus(server, specId, (theirs, peer) => {
      told.push([theirs, peer.toString()])
      return status(7)
    })
    expect(await requestStatus(connection, specId, status(3))).toEqual(status(7))
    expect(told).toEqual([[status(3), client.peerId.toString()]])
  })

  it('headers answers a locator', async () => {
    const { server, connection } = await connectLightHost(listen)
    const headers = Array.from({ length: 2_000 }, (_unused, index) => new Uint8Array(80).fill(index % 251))
    await handleHeaders(server, specId, ({ locator, stop }) => {
      expect([locator, stop]).toEqual([[hash(1), hash(0)], hash(2)])
      return { headers }
    })
    const request = { locator: [hash(1), hash(0)], stop: hash(2) }
    expect(await requestHeaders(connection, specId, request)).toEqual({ headers })
  })

  it('blocks answers hash by hash, in order', async () => {
    const { server, connection } = await connectLightHost(listen)
    const blocks = new Map([1, 2, 4].map((first) => [first, new Uint8Array(first * 1_000_000).fill(first)]))
    await handleBlocks(server, specId, ([first = 0]) => blocks.get(first))
    const replies = await collect(requestBlocks(connection, specId, [4, 1, 3, 2].map(hash)))
    expect(replies).toEqual([
      { kind: 'block', block: blocks.get(4) },
      { kind: 'block', block: blocks.get(1) },
      { kind: 'not-found', hash: hash(3) },
      { kind: 'block', block: blocks.get(2) },
    ])
  })

  it('submit answers with a verdict', async () => {
    const { server, connection } = await connectLightHost(listen)
    const verdict = (transaction: Uint8Array): SubmitReply =>
      transaction[0] === 1
        ? { accepted: true, txid: hash(1) }
        : { accepted: false, txid: hash(2), code: 'fee-too-low', sentence: 'The fee is too low.' }
    await handleSubmit(server, specId, verdict)
    const [good, bad] = [Uint8Array.of(1), Uint8Array.of(2)]
    expect(await requestSubmit(connection, specId, good)).toEqual(verdict(good))
    expect(await requestSubmit(connection, specId, bad)).toEqual(verdict(bad))
  })
})

describe('blocks', () => {
  it('are looked up no faster than they are read', async () => {
    const { server, connection } = await connectLightHost()
    let found = 0
    await handleBlocks(server, specId, () => {
      found += 1
      return new Uint8Array(1_000_000)
    })
    const hashes = Array.from({ length: 128 }, (_, index) => hash(index))
    const replies = requestBlocks(connection, specId, hashes)
    await replies.next()
    await new Promise((resolve) => setImmediate(resolve))
    expect(found).toBeLessThan(12)
    expect(await collect(replies)).toHaveLength(127)
    expect(found).toBe(128)
  })

  it('end when the caller leaves', async () => {
    const { server, connection } = await connectLightHost()
    const over = new Promise((resolve) => {
      handleBlocks(server, specId, () => new Uint8Array(1_000_000), {
        onFault: (_, error) => resolve(error),
      }).catch(resolve)
    })
    for await (const _ of requestBlocks(connection, specId, new Array(128).fill(hash(1)))) break
    expect(await over).toMatchObject({ code: 'peer-reset' })
  })

  it.each([
    ['fewer', [encodeBlockReply({ kind: 'not-found', hash: hash(1) })], 'peer-closed'],
    [
      'more',
      [1, 2, 3].map((first) => encodeBlockReply({ kind: 'not-found', hash: hash(first) })),
      'frame-unexpected',
    ],
    ['other', [encodeBlockReply({ kind: 'not-found', hash: hash(7) })], 'answer-unexpected'],
    ['garbled', [Uint8Array.of(1, 2, 3)], 'message-malformed'],
  ])('are not taken from a peer that sends %s ones', async (_, frames, code) => {
    const pair = await connectLightHost()
    await answerWith(pair, 'blocks/1', frames)
    const replies = collect(requestBlocks(pair.connection, specId, [hash(1), hash(2)]))
    await expect(replies).rejects.toMatchObject({ code })
  })
})

describe('a peer that answers garbage', () => {
  it('is refused with the decode error', async () => {
    const pair = await connectLightHost()
    for (const name of ['status/1', 'headers/1', 'submit/1'] as const) {
      await answerWith(pair, name, [Uint8Array.of(0x0f)])
    }
    const { connection } = pair
    const malformed = { code: 'message-malformed' }
    await expect(requestStatus(connection, specId, status(1))).rejects.toMatchObject(malformed)
    await expect(requestHeaders(connection, specId, { locator: [hash(0)] })).rejects.toMatchObject(malformed)
    await expect(requestSubmit(connection, specId, Uint8Array.of(1))).rejects.toMatchObject(malformed)
  })
})

describe('a peer that asks garbage', () => {
  it('is reported with the decode error', async () => {
    const { server, client, connection } = await connectLightHost()
    const fault = new Promise((resolve) => {
      handleStatus(server, specId, () => status(1), {
        onFault: (peer, error) => resolve({ peer: peer.toString(), error }),
      }).catch(resolve)
    })
    const stream = await connection.newStream(protocolId(specId, 'status/1'))
    stream.send(Uint8Array.of(1, 0x0f))
    await stream.close()
    expect(await fault).toMatchObject({
      peer: client.peerId.toString(),
      error: { code: 'message-malformed' },
    })
  })
})

describe('a host of another network', () => {
  it('cannot negotiate any protocol', async () => {
    const server = await startHost()
    await handleStatus(server, specId, () => status(1))
    const { connection } = await connectHosts(await startHost({ specId: 'ffffffff', listen: [] }), server)
    await expect(requestStatus(connection, 'ffffffff', status(1))).rejects.toMatchObject({
      code: 'peer-speaks-other-protocol',
    })
  })
})
