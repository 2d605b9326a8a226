import { frameLimits, protocolId, type RelayMessage, relayQueueMessages } from '@chain/wire'
import { describe, expect, it } from 'vitest'
import { connectionLimits } from '../../src/host/connection-limits.ts'
import {
  handleRelay,
  openRelay,
  type RelayChannel,
  type RelayServeOptions,
} from '../../src/protocols/relay.ts'
import { connectLightHost, specId } from '../hosts.ts'
import type { Pair } from '../loopback.ts'

const id = (first: number): Uint8Array => new Uint8Array(32).fill(first)

const inventory = (first: number) => ({ kind: 'inventory', transactions: [id(first)] }) as const

/** The server's end of the channel that the client opens next. */
function nextChannel({ server }: Pair, options?: RelayServeOptions): Promise<RelayChannel> {
  return new Promise((resolve, reject) => {
    handleRelay(server, specId, resolve, options).catch(reject)
  })
}

async function openBoth(
  pair: Pair,
  options?: RelayServeOptions,
): Promise<{ ours: RelayChannel; theirs: RelayChannel }> {
  const accepted = nextChannel(pair, options)
  const ours = await openRelay(pair.connection, specId)
  return { ours, theirs: await accepted }
}

async function collect(channel: RelayChannel): Promise<RelayMessage[]> {
  const all: RelayMessage[] = []
  for await (const message of channel.messages) all.push(message)
  return all
}

describe('a relay channel', () => {
  it('carries messages both ways, in order', async () => {
    const pair = await connectLightHost()
    const { ours, theirs } = await openBoth(pair)
    expect(theirs.peer.equals(pair.client.peerId)).toBe(true)
    const [here, there] = [collect(ours), collect(theirs)]
    const sent = Array.from({ length: 200 }, (_, index) => inventory(index))
    await Promise.all(sent.flatMap((message) => [ours.send(message), theirs.send(message)]))
    await Promise.all([ours.close(), theirs.close()])
    expect(await here).toEqual(sent)
    expect(await there).toEqual(sent)
    expect([await ours.closed, await theirs.closed]).toEqual([undefined, undefined])
  })

  it('carries every kind of message', async () => {
    const { ours, theirs } = await openBoth(await connectLightHost())
    const messages = [
      inventory(1),
      { kind: 'get-data', transactions: [id(2), id(3)] },
      { kind: 'transaction', transaction: new Uint8Array(400_000).fill(4) },
      { kind: 'new-block', header: new Uint8Array(80).fill(5) },
      { kind: 'not-found', transactions: [id(6)] },
      { kind: 'fee-filter', feeRate: 1_000 },
    ] as const
    const received = collect(theirs)
    for (const message of messages) await ours.send(message)
    const closed = ours.close()
    expect(await received).toEqual(messages)
    await closed
  })

  it('is read no faster than a peer may send, whoever has opened it', async () => {
    const { ours, theirs } = await openBoth(await connectLightHost())
    const transaction = new Uint8Array(400_000)
    const excess = 1_000_000
    const count = Math.ceil((connectionLimits.byteBurst + excess) / transaction.length)
    const start = performance.now()
    const received = collect(ours)
    for (let i = 0; i < count; i++) await theirs.send({ kind: 'transaction', transaction })
    await theirs.close()
    expect(await received).toHaveLength(count)
    const due = (1_000 * excess) / connectionLimits.bytesPerSecond
    expect(performance.now() - start).toBeGreaterThanOrEqual(due)
  })

  it('closes when the other side closes', async () => {
    const { ours, theirs } = await openBoth(await connectLightHost())
    const received = collect(theirs)
    await ours.close()
    expect(await received).toEqual([])
    expect(await theirs.closed).toBeUndefined()
    await expect(theirs.send(inventory(1))).rejects.toMatchObject({ code: 'peer-closed' })
  })

  it('holds the sender back while a message is being dealt with, and gives up a peer that never reads', async () => {
    const { ours, theirs } = await openBoth(await connectLightHost())
    const transaction = { kind: 'transaction', transaction: new Uint8Array(400_000) } as const
    const outcomes = Array.from({ length: relayQueueMessages }, () =>
      theirs.send(transaction).then(
        () => 'sent',
        (error: { code: string }) => error.code,
      ),
    )
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['relay-queue-full']))
    expect(await theirs.closed).toMatchObject({ code: 'relay-queue-full' })
    await expect(collect(ours)).rejects.toMatchObject({ code: 'peer-reset' })
  })

  it('gives up a peer that takes nothing for too long', async () => {
    const { theirs } = await openBoth(await connectLightHost(), { writeTimeout: 100 })
    const transaction = { kind: 'transaction', transaction: new Uint8Array(400_000) } as const
    const failure = (async () => {
      for (;;) await theirs.send(transaction)
    })()
    await expect(failure).rejects.toMatchObject({ code: 'peer-stalled' })
  })

  it('ends with the reason when the peer is reset while nobody sends', async () => {
    const { ours, theirs } = await openBoth(await connectLightHost())
    ours.abort(new Error('bye'))
    await expect(collect(theirs)).rejects.toMatchObject({ code: 'peer-reset' })
    expect(await theirs.closed).toMatchObject({ code: 'peer-reset' })
    await expect(theirs.send(inventory(1))).rejects.toMatchObject({ code: 'peer-reset' })
  })

  it('ends when the connection breaks', async () => {
    const pair = await connectLightHost()
    const { ours, theirs } = await openBoth(pair)
    const received = collect(theirs)
    pair.connection.abort(new Error('cable cut'))
    await expect(received).rejects.toMatchObject({ name: 'PeerError' })
    await ours.closed
    await expect(ours.send(inventory(1))).rejects.toMatchObject({ name: 'PeerError' })
  })

  it('is aborted when the signal says so', async () => {
    const pair = await connectLightHost()
    const accepted = nextChannel(pair)
    const controller = new AbortController()
    const ours = await openRelay(pair.connection, specId, { signal: controller.signal })
    const theirs = await accepted
    controller.abort()
    expect(await ours.closed).toMatchObject({ code: 'cancelled' })
    expect(await theirs.closed).toMatchObject({ code: 'peer-reset' })
  })

  it('is aborted when its reader leaves', async () => {
    const { ours, theirs } = await openBoth(await connectLightHost())
    await ours.send(inventory(1))
    for await (const _ of theirs.messages) break
    expect(await ours.closed).toMatchObject({ code: 'peer-reset' })
  })

  it.each([
    ['garbage', [1, 0x0f], 'message-malformed'],
    ['a frame that is too long', [0xff, 0xff, 0xff, 0x7f], 'frame-too-large'],
    ['half a frame', [9, 1], 'frame-truncated'],
  ])('refuses %s', async (_, bytes, code) => {
    const pair = await connectLightHost()
    const accepted = nextChannel(pair)
    const stream = await pair.connection.newStream(protocolId(specId, 'relay/1'))
    const theirs = await accepted
    stream.send(Uint8Array.from(bytes))
    await stream.close()
    await expect(collect(theirs)).rejects.toMatchObject({ code })
    expect(await theirs.closed).toMatchObject({ code })
  })

  it('is one per connection', async () => {
    const pair = await connectLightHost()
    await openBoth(pair)
    await expect(openRelay(pair.connection, specId)).rejects.toMatchObject({ name: 'PeerError' })
  })

  it('is opened by the side that has dialled', async () => {
    const pair = await connectLightHost()
    const fault = new Promise((resolve) => {
      handleRelay(pair.client, specId, () => undefined, { onFault: (_, error) => resolve(error) }).catch(
        resolve,
      )
    })
    await pair.serverConnection.newStream(protocolId(specId, 'relay/1'))
    expect(await fault).toMatchObject({ code: 'frame-unexpected' })
  })

  it('does not send what is out of bounds', async () => {
    const { ours } = await openBoth(await connectLightHost())
    const transaction = new Uint8Array(frameLimits.RelayMessage)
    await expect(ours.send({ kind: 'transaction', transaction })).rejects.toMatchObject({ name: 'WireError' })
    await ours.send(inventory(1))
  })
})
