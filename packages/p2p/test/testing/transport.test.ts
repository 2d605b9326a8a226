import { constant, uniform } from '@chain/p2p/testing'
import { timeLimits } from '@chain/wire'
import { describe, expect, it } from 'vitest'
import { hostLimits } from '../../src/host/host-limits.ts'
import { FrameStream } from '../../src/testing/frame-stream.ts'
import { requestFrames, type SimulatedRequest } from '../../src/testing/request-frames.ts'
import { type Stage, setStage } from './speakers.ts'

const line = { latency: constant(100) }
const request: SimulatedRequest = { protocol: 'test/1', frame: Uint8Array.of(1, 2, 3), timeout: 5_000 }

/** Asks bob; collects the moments at which frames come, and the code of what goes wrong. */
async function ask(
  { connection, alice, now }: Stage,
  options: Partial<SimulatedRequest> = {},
  signal?: AbortSignal,
) {
  const moments: number[] = []
  let code: string | undefined
  const start = now()
  try {
    for await (const _ of requestFrames(connection, alice, { ...request, ...options }, signal)) {
      moments.push(now() - start)
    }
  } catch (error) {
    code = (error as { code: string }).code
  }
  return { moments, code, end: now() - start }
}

describe('a request', () => {
  it('takes a round trip to agree on the protocol and one for the answer', async () => {
    const stage = await setStage({ line })
    const asked = ask(stage)
    await stage.pass(1_000)
    expect(await asked).toEqual({ moments: [400], code: undefined, end: 400 })
    expect(stage.alice.traffic.sent).toBe(stage.bob.traffic.received)
    expect(stage.bob.traffic.sentOver('test/1')).toBe(61 + 4)
  })

  it('is given up when the answer does not come in time', async () => {
    const stage = await setStage({ line })
    stage.bob.answer = async function* () {
      await new Promise(() => undefined)
    }
    const asked = ask(stage)
    await stage.pass(6_000)
    expect(await asked).toEqual({ moments: [], code: 'peer-timed-out', end: 5_000 })
  })

  it('that is cancelled ends at once, and the answer a little later', async () => {
    const stage = await setStage({ line })
    let given = 0
    stage.bob.answer = async function* () {
      for (;;) {
        given += 1
        yield new Uint8Array(100_000)
      }
    }
    const aborter = new AbortController()
    const asked = ask(stage, {}, aborter.signal)
    await stage.pass(450)
    aborter.abort()
    await stage.pass(200)
    expect((await asked).code).toBe('cancelled')
    const before = given
    await stage.pass(60_000)
    expect(given).toBe(before)
  })

  it('fails when the other side cannot answer, which that side is told of', async () => {
    const stage = await setStage({ line })
    stage.bob.answer = async function* () {
      yield Uint8Array.of(1)
      throw new TypeError('a bug')
    }
    const asked = ask(stage)
    await stage.pass(1_000)
    expect(await asked).toMatchObject({ moments: [400], code: 'peer-reset' })
    expect(stage.bob.faults).toEqual(['exchange-failed'])
  })
})

describe('a line', () => {
  it('with a bandwidth is shared by what is sent at once', async () => {
    const stage = await setStage({ line: { latency: constant(0) }, bandwidth: constant(100_000) })
    stage.bob.answer = async function* () {
      yield new Uint8Array(100_000)
    }
    const both = Promise.all([ask(stage), ask(stage)])
    await stage.pass(4_000)
    const ends = (await both).map(({ end }) => end)
    for (const end of ends) expect(Math.abs(end - 2_000)).toBeLessThan(200)
  })

  it('keeps frames in order, however long each takes', async () => {
    const stage = await setStage({ line: { latency: constant(20), jitter: uniform(0, 500), loss: 0.3 } })
    const received: number[] = []
    stage.bob.answer = async function* () {
      for (let index = 0; index < 50; index++) yield Uint8Array.of(index)
    }
    const read = (async () => {
      const frames = requestFrames(stage.connection, stage.alice, { ...request, timeout: 600_000 })
      for await (const [index] of frames) received.push(index ?? -1)
    })()
    await stage.pass(600_000)
    await read
    expect(received).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  it('that loses everything ends the connection', async () => {
    const stage = await setStage({ line: { latency: constant(20), loss: 1 } })
    const asked = ask(stage)
    await stage.pass(1_000)
    expect((await asked).code).toBe('peer-reset')
    expect([stage.alice, stage.bob].map(({ closed }) => closed.length)).toEqual([1, 1])
  })

  it('that is cut for a while brings everything later', async () => {
    const stage = await setStage({ line })
    stage.world.part([['alice'], ['bob']])
    const asked = ask(stage, { timeout: 60_000 })
    await stage.pass(20_000)
    stage.world.unite()
    await stage.pass(1_000)
    expect(await asked).toEqual({ moments: [20_300], code: undefined, end: 20_300 })
  })

  it('that stays cut ends the connection on both sides', async () => {
    const stage = await setStage({ line })
    stage.world.part([['alice'], ['bob']])
    const asked = ask(stage, { timeout: 60_000 })
    await stage.pass(hostLimits.pingInterval + hostLimits.pingTimeout)
    expect((await asked).code).toBe('peer-reset')
    expect([stage.alice, stage.bob].map(({ closed }) => closed.length)).toEqual([1, 1])
  })
})

describe('a connection', () => {
  it('that one side closes is over for the other one when it learns it', async () => {
    const stage = await setStage({ line })
    const asked = ask(stage, { timeout: 60_000 })
    stage.connection.close(stage.bob)
    expect([stage.alice, stage.bob].map(({ closed }) => closed.length)).toEqual([0, 1])
    await stage.pass(100)
    expect((await asked).code).toBe('peer-closed')
    expect(stage.alice.closed).toEqual([stage.connection])
  })
})

describe('a stream', () => {
  it('holds back who sends more than the window while nobody reads, and gives up in time', async () => {
    const { connection, alice, bob, pass } = await setStage({ line })
    const stream = new FrameStream(connection.lane(alice, 'test/1'), connection.lane(bob, 'test/1'))
    let sent = 0
    const sending = (async () => {
      for (;;) {
        await stream.send(new Uint8Array(hostLimits.streamWindow / 4))
        sent += 1
      }
    })()
    const failed = expect(sending).rejects.toMatchObject({ code: 'peer-stalled' })
    await pass(timeLimits.write - 1)
    expect(sent).toBe(4)
    await pass(1)
    await failed
  })

  it('goes on when the other side has read half of the window', async () => {
    const { connection, alice, bob, pass } = await setStage({ line })
    const stream = new FrameStream(connection.lane(alice, 'test/1'), connection.lane(bob, 'test/1'))
    const sending = (async () => {
      for (let count = 0; count < 40; count++) await stream.send(new Uint8Array(hostLimits.streamWindow / 4))
      stream.end()
    })()
    let read = 0
    const reading = (async () => {
      for await (const { length } of stream) read += length
    })()
    await pass(20_000)
    await Promise.all([sending, reading])
    expect(read).toBe(10 * hostLimits.streamWindow)
  })
})
