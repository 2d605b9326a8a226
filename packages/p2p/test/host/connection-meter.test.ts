import { AbstractMessageStream, multiaddrConnectionPair, type SendResult } from '@libp2p/utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { PeerError } from '../../src/errors.ts'
import { connectionLimits } from '../../src/host/connection-limits.ts'
import { ConnectionAllowances, ConnectionMeter } from '../../src/host/connection-meter.ts'
import { yamuxFrame } from './yamux-frames.ts'

/** The side that accepted the connection: streams of the peer have odd numbers. */
class Socket extends AbstractMessageStream {
  /** Bytes that were handed on to whoever listens after the meter. */
  read = 0
  reason: Error | undefined
  /** Streams that are open. */
  readonly open = new Set([1, 2])
  takesAll = true
  isPaused = false
  isTransportClosing = false

  constructor() {
    const [{ log }] = multiaddrConnectionPair()
    super({ log, direction: 'inbound', maxReadBufferLength: 2 ** 26 })
    new ConnectionMeter(this, new ConnectionAllowances(), (stream) => this.open.has(stream)).start()
    this.addEventListener('message', ({ data }) => {
      this.read += data.byteLength
    })
  }

  sendData(data: { byteLength: number }): SendResult {
    return { sentBytes: data.byteLength, canSendMore: this.takesAll }
  }

  sendReset(reason: Error): void {
    this.reason = reason
  }

  override close(): Promise<void> {
    return Promise.resolve()
  }

  sendPause(): void {
    this.isPaused = true
  }

  /** As Noise does it: what lies below takes no such call any more. */
  sendResume(): void {
    if (this.isTransportClosing || this.status !== 'open') throw new Error('The transport is closing.')
    this.isPaused = false
  }
}

const data = (stream: number, length: number): Uint8Array => yamuxFrame({ type: 0, flags: 0, stream, length })
const ping = yamuxFrame({ type: 2, flags: 1, stream: 0, length: 1 })

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Hands over `frame` so often, a thousand at a time. */
function receive(socket: Socket, frame: Uint8Array, count: number): void {
  const thousand = new Uint8Array(Buffer.concat(Array.from({ length: 1_000 }, () => frame)))
  for (let rest = count; rest > 0; rest -= 1_000) socket.onData(thousand.subarray(0, rest * frame.length))
}

it('reads what a peer may send, and no more before it is due', () => {
  const socket = new Socket()
  const frame = data(1, 1_000_000)
  for (let i = 0; i < 18; i++) socket.onData(frame)
  expect(socket.read).toBe(17 * frame.length)
  vi.advanceTimersByTime(1_000)
  expect(socket.read).toBe(18 * frame.length)
  expect(socket.status).toBe('open')
})

it('reads all that comes on open streams of its own', () => {
  const socket = new Socket()
  const frame = data(2, 1_000_000)
  for (let i = 0; i < 100; i++) socket.onData(frame)
  expect(socket.read).toBe(100 * frame.length)
})

it('counts data on streams of its own that are not open', () => {
  const socket = new Socket()
  const frame = data(4, 1_000_000)
  for (let i = 0; i < 100; i++) socket.onData(frame)
  expect(socket.read).toBe(17 * frame.length)
})

it.each([
  ['window updates', yamuxFrame({ type: 1, flags: 0, stream: 2, length: 0 })],
  ['data of next to nothing', data(2, connectionLimits.freeFrameBytes - 1)],
])('holds back a peer that sends endless %s on streams that it was asked on', (_, frame) => {
  const socket = new Socket()
  receive(socket, frame, connectionLimits.frameBurst + 5_000)
  expect(socket.read).toBeLessThan((connectionLimits.frameBurst + 2_000) * frame.length)
})

it('holds back a peer that sends endless small frames', () => {
  const socket = new Socket()
  receive(socket, data(1, 1), connectionLimits.frameBurst + 5_000)
  const read = socket.read
  expect(read).toBeLessThan((connectionLimits.frameBurst + 2_000) * 13)
  vi.advanceTimersByTime(2_000)
  expect(socket.read).toBe((connectionLimits.frameBurst + 5_000) * 13)
})

it('holds back a peer that opens one stream after the other', () => {
  const socket = new Socket()
  const frames = Array.from({ length: connectionLimits.streamBurst + 1 }, (_, index) =>
    yamuxFrame({ type: 1, flags: 1, stream: 2 * index + 1, length: 0 }),
  )
  for (const frame of frames) socket.onData(frame)
  const read = socket.read
  socket.onData(ping)
  expect(socket.read).toBe(read)
  vi.advanceTimersByTime(1_000)
  expect(socket.read).toBe(read + ping.length)
})

it('ends a connection on which more comes than may for too long', () => {
  const socket = new Socket()
  const frame = data(1, 2_000_000)
  const end = performance.now() + connectionLimits.excess + 6_000
  while (socket.status === 'open' && performance.now() < end) {
    while (socket.status === 'open' && !socket.isPaused) socket.onData(frame)
    vi.advanceTimersByTime(100)
  }
  expect(socket.reason).toMatchObject({ code: 'peer-excess' } satisfies Partial<PeerError>)
})

it('ends a connection whose excess shows when it is read again', () => {
  const socket = new Socket()
  const frame = data(1, 2_000_000)
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 14; i++) socket.onData(frame)
    expect(socket.isPaused).toBe(true)
    vi.advanceTimersByTime(4_000)
  }
  vi.advanceTimersByTime(60_000)
  expect(socket.reason).toMatchObject({ code: 'peer-excess' } satisfies Partial<PeerError>)
})

it('reads nothing more of a connection that closes while it is held back', () => {
  const socket = new Socket()
  for (let i = 0; i < 10; i++) socket.onData(data(1, 2_000_000))
  expect(socket.isPaused).toBe(true)
  socket.isTransportClosing = true
  vi.advanceTimersByTime(10_000)
  expect(socket.status).toBe('aborted')
})

it('keeps a connection whose peer catches its breath', () => {
  const socket = new Socket()
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 12; i++) socket.onData(data(1, 2_000_000))
    vi.advanceTimersByTime(connectionLimits.excess)
  }
  expect(socket.status).toBe('open')
})

it('ends a connection on which a frame is announced that no window allows', () => {
  const socket = new Socket()
  const header = data(1, connectionLimits.frameBytes)
  socket.onData(header)
  expect(socket.status).toBe('open')
  const tooLarge = header.slice(0, 12)
  new DataView(tooLarge.buffer).setUint32(8, connectionLimits.frameBytes + 1)
  socket.onData(tooLarge)
  expect(socket.reason).toMatchObject({ code: 'frame-too-large' } satisfies Partial<PeerError>)
})

it('ends the connection of a peer that asks and does not take the answers', () => {
  const socket = new Socket()
  socket.takesAll = false
  socket.send(ping)
  receive(socket, ping, connectionLimits.untakenAnswers)
  expect(socket.status).toBe('open')
  socket.onData(ping)
  expect(socket.reason).toMatchObject({ code: 'peer-stalled' } satisfies Partial<PeerError>)
})

it('does not mind how much a peer asks that takes the answers', () => {
  const socket = new Socket()
  receive(socket, ping, 3 * connectionLimits.untakenAnswers)
  expect(socket.status).toBe('open')
})
