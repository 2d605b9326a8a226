/**
 * One request and its answer over a simulated connection, with the same deadlines as `streams/exchange.ts` keeps over libp2p.
 */
import { PeerError, toPeerError } from '../errors.ts'
import type { SimulatedConnection } from './connection.ts'
import { FrameStream } from './frame-stream.ts'
import type { Participant } from './participant.ts'

/** Bytes each way in which libp2p agrees on the protocol of a stream, which takes a round trip. Source: multistream-select 1.0.0. */
export const negotiationBytes = 60

/** What is asked. */
export interface SimulatedRequest {
  readonly protocol: string
  readonly frame: Uint8Array
  /** Milliseconds for each frame of the answer. */
  readonly timeout: number
}

/**
 * Sends a frame and yields those of the answer.
 *
 * @throws {PeerError} while iterating
 */
export async function* requestFrames(
  connection: SimulatedConnection,
  local: Participant,
  request: SimulatedRequest,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { protocol, frame, timeout } = request
  const remote = connection.otherOf(local)
  const [forth, back] = [connection.lane(local, protocol), connection.lane(remote, protocol)]
  const answer = new FrameStream(back, forth)
  const { clock } = connection.modules
  const late = new PeerError('peer-timed-out', `The peer did not answer within ${timeout} ms.`)
  const cancelled = new PeerError('cancelled', 'The exchange was cancelled.')
  const onAbort = (): void => answer.failReceiver(cancelled)
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted === true) onAbort()
  let timer = clock.setTimer(timeout, () => answer.failReceiver(late))
  const ask = (): void =>
    forth.carry(frame.length, () => void answerWith(connection, remote, request, answer))
  forth.carry(negotiationBytes, () => back.carry(negotiationBytes, ask))
  let isOver = false
  try {
    for await (const each of answer) {
      timer.cancel()
      yield each
      timer = clock.setTimer(timeout, () => answer.failReceiver(late))
    }
    isOver = true
  } finally {
    timer.cancel()
    signal?.removeEventListener('abort', onAbort)
    if (!isOver) answer.resetByReceiver(cancelled)
  }
}

async function answerWith(
  connection: SimulatedConnection,
  remote: Participant,
  { protocol, frame }: SimulatedRequest,
  answer: FrameStream,
): Promise<void> {
  const frames = remote.serve(protocol, frame, connection)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await Promise.race([frames.next(), answer.senderFailed])
      if (next instanceof Error) throw next
      if (next.done === true) break
      await answer.send(next.value)
    }
    answer.end()
  } catch (thrown) {
    const error = toPeerError(thrown)
    answer.resetBySender(error)
    remote.onFault(connection, error)
  }
}
