import { protocolId } from '@chain/wire'
import { describe, expect, it } from 'vitest'
import { PeerError } from '../../src/errors.ts'
import {
  type ExchangeProtocol,
  requestFrame,
  requestFrames,
  type ServeOptions,
  serve,
} from '../../src/streams/exchange.ts'
import { connectPair, nextStream, type Pair } from '../loopback.ts'

const protocol: ExchangeProtocol = {
  id: protocolId('0a1b2c3d', 'headers/1'),
  maxRequestBytes: 100,
  maxAnswerBytes: 1_000,
  streams: { inbound: 4, outbound: 2 },
  answerTimeout: 10_000,
}

const question = Uint8Array.of(1, 2, 3)

interface Fault {
  readonly peer: string
  readonly error: Error
}

/** Serves `protocol` with `answer`; faults are handed out one after the other. */
async function serveWith(
  pair: Pair,
  answer: (request: Uint8Array) => AsyncIterable<Uint8Array>,
  options: Pick<ServeOptions, 'timeout' | 'pace'> = {},
): Promise<{ nextFault(): Promise<Fault> }> {
  const faults: Fault[] = []
  let wake: (() => void) | undefined
  await serve(pair.server, protocol, answer, {
    ...options,
    onFault: (peer, error) => {
      faults.push({ peer: peer.toString(), error })
      wake?.()
    },
  })
  return {
    nextFault: async () => {
      if (faults.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      return faults.shift() as Fault
    },
  }
}

async function* echo(request: Uint8Array): AsyncGenerator<Uint8Array> {
  yield request
}

/** Streams of the protocol that either side still has open. */
function openStreams({ connection, serverConnection }: Pair): number {
  return [...connection.streams, ...serverConnection.streams].filter(
    (stream) => stream.protocol === protocol.id,
  ).length
}

describe('an exchange', () => {
  it('carries a request and an answer, and leaves no stream behind', async () => {
    const pair = await connectPair()
    await serveWith(pair, echo)
    expect(await requestFrame(pair.connection, protocol, question)).toEqual(question)
    expect(openStreams(pair)).toBe(0)
  })

  it('can be repeated and done in parallel as often as one likes', async () => {
    const pair = await connectPair()
    await serveWith(pair, echo)
    const questions = Array.from({ length: 300 }, (_, index) => Uint8Array.of(index % 256, index >> 8))
    const answers = await Promise.all(questions.map((each) => requestFrame(pair.connection, protocol, each)))
    expect(answers).toEqual(questions)
    expect(openStreams(pair)).toBe(0)
  })

  it('fails when the peer does not know the protocol', async () => {
    const pair = await connectPair()
    await expect(requestFrame(pair.connection, protocol, question)).rejects.toMatchObject({
      code: 'peer-speaks-other-protocol',
    })
  })

  it('fails when the peer does not answer in time, and aborts its stream', async () => {
    const pair = await connectPair()
    const accepted = nextStream(pair.server, protocol.id)
    const asked = requestFrame(pair.connection, protocol, question, { timeout: 50 })
    const closed = accepted.then(
      (stream) => new Promise((resolve) => stream.addEventListener('close', () => resolve(stream.status))),
    )
    await expect(asked).rejects.toMatchObject({ code: 'peer-timed-out' })
    expect(await closed).toBe('reset')
  })

  it('fails when the peer closes without an answer', async () => {
    const pair = await connectPair()
    await pair.server.handle(protocol.id, (stream) => stream.close())
    await expect(requestFrame(pair.connection, protocol, question)).rejects.toMatchObject({
      code: 'peer-closed',
    })
  })

  it('fails when the peer answers twice', async () => {
    const pair = await connectPair()
    await serveWith(pair, async function* (request) {
      yield request
      yield request
    })
    await expect(requestFrame(pair.connection, protocol, question)).rejects.toMatchObject({
      code: 'frame-unexpected',
    })
  })

  it('fails when the answer is too large', async () => {
    const pair = await connectPair()
    await serveWith(pair, async function* () {
      yield new Uint8Array(1_001)
    })
    await expect(requestFrame(pair.connection, protocol, question)).rejects.toMatchObject({
      code: 'frame-too-large',
    })
  })

  it('fails when the handler of the peer throws at once', async () => {
    const pair = await connectPair()
    await pair.server.handle(protocol.id, () => {
      throw new Error('bug')
    })
    await expect(requestFrame(pair.connection, protocol, question)).rejects.toMatchObject({
      code: 'peer-reset',
    })
  })

  it('fails when the peer has too many streams of us open', async () => {
    const pair = await connectPair()
    await pair.server.handle(protocol.id, () => undefined, { maxInboundStreams: 1 })
    const silent = await pair.connection.newStream(protocol.id)
    await expect(requestFrame(pair.connection, protocol, question)).rejects.toMatchObject({
      code: 'peer-reset',
    })
    silent.abort(new Error('done'))
  })

  it('fails with the reason when the caller cancels', async () => {
    const pair = await connectPair()
    const controller = new AbortController()
    const accepted = nextStream(pair.server, protocol.id)
    const asked = requestFrame(pair.connection, protocol, question, { signal: controller.signal })
    await accepted
    controller.abort(new Error('no longer wanted'))
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    await expect(
      requestFrame(pair.connection, protocol, question, { signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('fails when the connection breaks', async () => {
    const pair = await connectPair()
    const accepted = nextStream(pair.server, protocol.id)
    const asked = requestFrame(pair.connection, protocol, question)
    const failed = asked.catch((error: unknown) => error)
    await accepted
    pair.serverConnection.abort(new Error('cable cut'))
    expect(await failed).toBeInstanceOf(PeerError)
  })

  it('makes a cancelled request give its turn to the next', async () => {
    const pair = await connectPair()
    const silent = nextStream(pair.server, protocol.id)
    const controller = new AbortController()
    const options = { signal: controller.signal }
    const stuck = [1, 2, 3].map(() => requestFrame(pair.connection, protocol, question, options))
    const failed = Promise.allSettled(stuck)
    await silent
    await pair.server.unhandle(protocol.id)
    await serveWith(pair, echo)
    const waiting = requestFrame(pair.connection, protocol, question)
    controller.abort()
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(await waiting).toEqual(question)
  })
})

describe('a peer that asks faster than it may', () => {
  it('is answered when its turn has come, and not looked at before', async () => {
    const pair = await connectPair()
    const turns: (() => void)[] = []
    const { promise: bothWait, resolve } = Promise.withResolvers<void>()
    const pace = async (): Promise<void> => {
      const turn = new Promise<void>((take) => turns.push(take))
      if (turns.length === 2) resolve()
      await turn
    }
    const answered: number[] = []
    await serveWith(
      pair,
      async function* (request) {
        answered.push(request[0] as number)
        yield request
      },
      { pace },
    )
    const answers = [1, 2].map((first) => requestFrame(pair.connection, protocol, Uint8Array.of(first)))
    await bothWait
    expect(answered).toEqual([])
    for (const turn of turns) turn()
    expect(await Promise.all(answers)).toEqual([Uint8Array.of(1), Uint8Array.of(2)])
  })
})

describe('an answer of several frames', () => {
  it('is made only as fast as it is taken', async () => {
    const pair = await connectPair()
    const wide = { ...protocol, maxAnswerBytes: 1_000_000 }
    let made = 0
    await serve(pair.server, wide, async function* () {
      for (; made < 50; made++) yield new Uint8Array(1_000_000)
    })
    const frames = requestFrames(pair.connection, wide, question)
    await frames.next()
    await new Promise((resolve) => setImmediate(resolve))
    expect(made).toBeLessThan(10)
    let taken = 1
    for await (const _ of frames) taken += 1
    expect(taken).toBe(50)
  })

  it('stops when the caller leaves', async () => {
    const pair = await connectPair()
    let finished: () => void
    const left = new Promise<void>((resolve) => {
      finished = resolve
    })
    const { nextFault } = await serveWith(pair, async function* () {
      try {
        for (;;) yield new Uint8Array(1_000)
      } finally {
        finished()
      }
    })
    for await (const _ of requestFrames(pair.connection, protocol, question)) break
    await left
    expect((await nextFault()).error).toMatchObject({ code: 'peer-reset' })
    expect(openStreams(pair)).toBe(0)
  })
})

describe('a server', () => {
  it.each([
    ['a request that is too large', [101], 'frame-too-large'],
    ['a length without end', [0xff, 0xff, 0xff, 0xff, 0xff], 'frame-malformed'],
    ['half a request', [5, 1], 'frame-truncated'],
    ['no request', [], 'peer-closed'],
    ['two requests', [1, 7, 1, 7], 'frame-unexpected'],
  ])('refuses %s and says who sent it', async (_, bytes, code) => {
    const pair = await connectPair()
    const { nextFault } = await serveWith(pair, echo)
    const stream = await pair.connection.newStream(protocol.id)
    const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
    stream.send(Uint8Array.from(bytes))
    await stream.close()
    expect(await nextFault()).toMatchObject({ peer: pair.client.peerId.toString(), error: { code } })
    await closed
    expect(openStreams(pair)).toBe(0)
  })

  it('gives up a peer that says nothing', async () => {
    const pair = await connectPair()
    const { nextFault } = await serveWith(pair, echo, { timeout: 50 })
    const stream = await pair.connection.newStream(protocol.id)
    const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
    expect((await nextFault()).error).toMatchObject({ code: 'peer-timed-out' })
    await closed
    expect(openStreams(pair)).toBe(0)
  })

  it('gives up a peer that does not close its side', async () => {
    const pair = await connectPair()
    const { nextFault } = await serveWith(pair, echo, { timeout: 50 })
    const stream = await pair.connection.newStream(protocol.id)
    const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
    stream.send(Uint8Array.of(1, 7))
    expect((await nextFault()).error).toMatchObject({ code: 'peer-timed-out' })
    await closed
    expect(openStreams(pair)).toBe(0)
  })

  it('reports its own failure with the cause and goes on', async () => {
    const pair = await connectPair()
    let broken = true
    const { nextFault } = await serveWith(pair, async function* (request) {
      if (broken) throw new TypeError('a bug')
      yield request
    })
    await expect(requestFrame(pair.connection, protocol, question)).rejects.toMatchObject({
      code: 'peer-reset',
    })
    expect((await nextFault()).error).toMatchObject({ code: 'exchange-failed', cause: { message: 'a bug' } })
    broken = false
    expect(await requestFrame(pair.connection, protocol, question)).toEqual(question)
  })

  it('does not keep all that a peer gives up while it waits for its turn', async () => {
    const pair = await connectPair()
    let waiting = 0
    let isWaiting: () => void = () => undefined
    await serveWith(pair, echo, {
      pace: () => {
        waiting += 1
        isWaiting()
        return new Promise(() => undefined)
      },
    })
    for (let count = 0; count < 30; count += 1) {
      const called = new Promise<void>((resolve) => {
        isWaiting = resolve
      })
      const stream = await pair.connection.newStream(protocol.id)
      const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
      if (stream.status === 'open') await Promise.race([called, closed])
      stream.abort(new Error('Never mind.'))
    }
    expect(waiting).toBe(4 * protocol.streams.inbound)
  })
})
