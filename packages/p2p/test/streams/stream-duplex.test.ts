import type { Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import type { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { PeerError } from '../../src/errors.ts'
import { hostLimits } from '../../src/host/host-limits.ts'
import { decodeFrames, encodeFrames } from '../../src/streams/frames.ts'
import { streamDuplex } from '../../src/streams/stream-duplex.ts'
import { connectPair, openPair, stacks } from '../loopback.ts'

const options = { writeTimeout: 10_000 }
const kilobyte = 1_024
const megabyte = 1_024 * kilobyte

/** Frames of growing size whose first bytes are their number. */
function* numberedFrames(count: number, size: (index: number) => number): Generator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    const frame = new Uint8Array(Math.max(4, size(index)))
    new DataView(frame.buffer).setUint32(0, index)
    yield frame
  }
}

function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(0)
}

/** Resolves when the bytes waiting in `stream` have stayed the same for a few turns of the event loop, or it is over. */
async function settled(stream: Stream): Promise<void> {
  let last = -1
  let same = 0
  while (same < 20 && stream.status === 'open') {
    await new Promise((resolve) => setImmediate(resolve))
    same = stream.writeBufferLength === last && last > 0 ? same + 1 : 0
    last = stream.writeBufferLength
  }
}

function once(stream: Stream, event: 'close' | 'remoteCloseWrite'): Promise<void> {
  return new Promise((resolve) => {
    stream.addEventListener(event, () => resolve(), { once: true })
  })
}

async function collect(frames: AsyncIterable<Uint8Array>): Promise<number[]> {
  const numbers: number[] = []
  for await (const frame of frames) numbers.push(numberOf(frame))
  return numbers
}

describe.each(stacks)('a duplex over the $stack stack', (stack) => {
  it('delivers frames of all sizes in order and ends both sides in peace', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const frames = numberedFrames(300, (index) => (index * 7_919) % (index % 50 === 0 ? 2 * megabyte : 5_000))
    const received = collect(pipe(streamDuplex(server, options).source, decodeFrames(4 * megabyte)))
    await pipe(frames, encodeFrames, streamDuplex(client, options))
    expect(await received).toEqual(Array.from({ length: 300 }, (_, index) => index))
    const closed = once(client, 'close')
    await pipe([], streamDuplex(server, options))
    await closed
    expect([client.status, server.status]).toEqual(['closed', 'closed'])
  })

  it('holds the sender back while the reader is slow, and keeps the order', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    let taken = 0
    function* source(): Generator<Uint8Array> {
      for (const frame of numberedFrames(64, () => megabyte)) {
        taken += 1
        yield frame
      }
    }
    const sent = pipe(source(), encodeFrames, streamDuplex(client, options))
    const reader = pipe(streamDuplex(server, options).source, decodeFrames(megabyte))
    const numbers = [numberOf((await reader.next()).value as Uint8Array)]
    for (let index = 1; index < 64; index++) {
      if (index % 8 === 1) {
        await settled(client)
        expect(taken).toBeLessThanOrEqual(index + 6)
        expect(client.writeBufferLength).toBeLessThanOrEqual(megabyte + 256 * kilobyte)
        expect(server.readBufferLength).toBeLessThanOrEqual(hostLimits.streamWindow)
      }
      numbers.push(numberOf((await reader.next()).value as Uint8Array))
    }
    expect((await reader.next()).done).toBe(true)
    await sent
    expect(numbers).toEqual(Array.from({ length: 64 }, (_, index) => index))
  })

  it('keeps back-pressure after the first drain', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const reader = streamDuplex(server, options).source
    let taken = 0
    function* source(): Generator<Uint8Array> {
      for (;;) {
        taken += 64 * kilobyte
        yield new Uint8Array(64 * kilobyte)
      }
    }
    const sent = pipe(source(), streamDuplex(client, options)).catch((error: unknown) => error)
    let read = 0
    for (let round = 0; round < 4; round++) {
      while (read < (round + 1) * 6 * megabyte)
        read += ((await reader.next()).value as Uint8ArrayList).byteLength
      await settled(client)
      expect(taken - read).toBeLessThanOrEqual(6 * megabyte)
    }
    server.abort(new Error('enough'))
    expect(await sent).toMatchObject({ code: 'peer-reset' })
  })

  it('stays within its bounds when each chunk is taken long after the one before', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const reader = streamDuplex(server, options).source
    const sent = pipe(
      numberedFrames(64, () => megabyte),
      streamDuplex(client, options),
    ).catch((error: unknown) => error)
    for (let round = 0; round < 12; round++) {
      expect((await reader.next()).done).toBe(false)
      await settled(client)
      expect(server.readBufferLength).toBeLessThanOrEqual(hostLimits.streamWindow)
    }
    server.abort(new Error('enough'))
    expect(await sent).toMatchObject({ code: 'peer-reset' })
  })

  it('gives up a peer that takes nothing', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    streamDuplex(server, options)
    const frames = numberedFrames(64, () => megabyte)
    const sent = pipe(frames, encodeFrames, streamDuplex(client, { writeTimeout: 100 }))
    await expect(sent).rejects.toMatchObject({ code: 'peer-stalled' })
    expect(client.status).toBe('aborted')
  })

  it('lets both ends send at once', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const run = async (stream: Stream): Promise<number[]> => {
      const duplex = streamDuplex(stream, options)
      const received = collect(pipe(duplex.source, decodeFrames(megabyte)))
      await pipe(
        numberedFrames(40, () => megabyte),
        encodeFrames,
        duplex,
      )
      return await received
    }
    const expected = Array.from({ length: 40 }, (_, index) => index)
    expect(await Promise.all([run(client), run(server)])).toEqual([expected, expected])
  })

  it('tells the reader and the writer that the peer has reset the stream', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const duplex = streamDuplex(client, options)
    const read = collect(pipe(duplex.source, decodeFrames(megabyte)))
    const written = pipe(
      numberedFrames(64, () => megabyte),
      encodeFrames,
      duplex,
    )
    server.abort(new Error('no'))
    await expect(read).rejects.toMatchObject({ code: 'peer-reset' })
    await expect(written).rejects.toMatchObject({ code: 'peer-reset' })
  })

  it('still delivers what came before a reset', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const reader = pipe(streamDuplex(server, options).source, decodeFrames(megabyte))
    const reset = once(server, 'close')
    client.send(Uint8Array.of(3, 1, 2, 3))
    client.send(Uint8Array.of(3, 4))
    const first = await reader.next()
    client.abort(new Error('no'))
    await reset
    expect(first.value).toEqual(Uint8Array.of(1, 2, 3))
    await expect(reader.next()).rejects.toMatchObject({ code: 'peer-reset' })
  })

  it('reports the reason of an abort to a reader and a writer that wait', async () => {
    const { client } = await openPair(await connectPair(stack))
    const duplex = streamDuplex(client, options)
    const read = collect(pipe(duplex.source, decodeFrames(megabyte)))
    const written = pipe(
      numberedFrames(64, () => megabyte),
      encodeFrames,
      duplex,
    )
    const reason = new PeerError('cancelled', 'Never mind.')
    duplex.abort(reason)
    await expect(read).rejects.toBe(reason)
    await expect(written).rejects.toMatchObject({ name: 'PeerError' })
  })

  it('fails to read a stream that was reset before anybody looked', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const reset = once(client, 'close')
    server.abort(new Error('no'))
    await reset
    const duplex = streamDuplex(client, options)
    await expect(duplex.source.next()).rejects.toMatchObject({ code: 'peer-reset' })
    await expect(duplex.sink([Uint8Array.of(1)])).rejects.toMatchObject({ code: 'peer-reset' })
  })

  it('reads what came before anybody looked', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const closed = once(server, 'remoteCloseWrite')
    client.send(Uint8Array.of(2, 7, 8))
    await client.close()
    await closed
    const frames = pipe(streamDuplex(server, options).source, decodeFrames(10))
    expect((await frames.next()).value).toEqual(Uint8Array.of(7, 8))
    expect((await frames.next()).done).toBe(true)
  })

  it('fails when the connection breaks', async () => {
    const pair = await connectPair(stack)
    const { client } = await openPair(pair)
    const duplex = streamDuplex(client, options)
    const read = collect(pipe(duplex.source, decodeFrames(megabyte)))
    pair.connection.abort(new Error('cable cut'))
    await expect(read).rejects.toBeInstanceOf(PeerError)
  })

  it('aborts the stream when the source of what is sent fails', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const closed = once(server, 'close')
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1)
      throw new PeerError('cancelled', 'Out of data.')
    }
    await expect(streamDuplex(client, options).sink(failing())).rejects.toMatchObject({ code: 'cancelled' })
    await closed
    expect(server.status).toBe('reset')
  })

  it('holds the peer back when the reader has left', async () => {
    const { client, server } = await openPair(await connectPair(stack))
    const reader = streamDuplex(server, options).source
    const sent = pipe(
      numberedFrames(64, () => megabyte),
      encodeFrames,
      streamDuplex(client, options),
    )
    const failed = sent.catch((error: unknown) => error)
    await reader.next()
    await reader.return()
    await settled(client)
    expect(server.status).toBe('open')
    expect(server.readBufferLength).toBeLessThanOrEqual(hostLimits.streamWindow)
    server.abort(new Error('done'))
    expect(await failed).toMatchObject({ code: 'peer-reset' })
  })
})

describe('frames on a stream', () => {
  async function readAfter(bytes: number[], maxBytes: number): Promise<unknown> {
    const { client, server } = await openPair(await connectPair())
    client.send(Uint8Array.from(bytes))
    await client.close()
    return await collect(pipe(streamDuplex(server, options).source, decodeFrames(maxBytes)))
  }

  it('are refused on their length, before the body is read', async () => {
    const { client, server } = await openPair(await connectPair())
    client.send(Uint8Array.of(0x80, 0x80, 0xa0, 0x19, 1, 2, 3))
    const frames = pipe(streamDuplex(server, options).source, decodeFrames(4 * megabyte))
    await expect(frames.next()).rejects.toMatchObject({ code: 'frame-too-large' })
  })

  it('are refused when the length does not end', async () => {
    await expect(readAfter([0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 100)).rejects.toMatchObject({
      code: 'frame-malformed',
    })
  })

  it.each([
    ['in the middle of a body', [5, 1, 2]],
    ['right after a length', [5]],
    ['in the middle of a length', [0x80]],
  ])('are refused when the stream ends %s', async (_, bytes) => {
    await expect(readAfter(bytes, 100)).rejects.toMatchObject({ code: 'frame-truncated' })
  })

  it('may be empty', async () => {
    const { client, server } = await openPair(await connectPair())
    const frames = pipe(streamDuplex(server, options).source, decodeFrames(10))
    await pipe([new Uint8Array(0), Uint8Array.of(1)], encodeFrames, streamDuplex(client, options))
    expect((await frames.next()).value).toEqual(new Uint8Array(0))
    expect((await frames.next()).value).toEqual(Uint8Array.of(1))
    expect((await frames.next()).done).toBe(true)
  })

  it('do not keep the memory of what came with them', async () => {
    const { client, server } = await openPair(await connectPair())
    const frames = pipe(streamDuplex(server, options).source, decodeFrames(megabyte))
    await pipe(
      numberedFrames(3, () => 1_000),
      encodeFrames,
      streamDuplex(client, options),
    )
    const { value } = await frames.next()
    expect((value as Uint8Array).buffer.byteLength).toBe(1_000)
  })
})
