/**
 * Sends as much as the other side takes, and no more: an attacker's memory is not what is attacked.
 */
import type { MessageStream } from '@libp2p/interface'

/** Where bytes can be sent: a stream, or a whole connection. */
export type Sink = Pick<
  MessageStream,
  'send' | 'status' | 'writableNeedsDrain' | 'addEventListener' | 'removeEventListener'
>

/** How a flood ends. */
export interface FloodLimits {
  /** Chunks that are sent at most. */
  readonly chunks: number
  /** Milliseconds after which no more are sent. */
  readonly milliseconds: number
}

/** Sends chunk after chunk and returns how many went out before the limit, the time, or the end of the sink. */
export async function flood(
  sink: Sink,
  chunk: (index: number) => Uint8Array,
  { chunks, milliseconds }: FloodLimits,
): Promise<number> {
  const end = performance.now() + milliseconds
  for (let index = 0; index < chunks; index++) {
    if (performance.now() > end || sink.status !== 'open') return index
    const hasRoom = sink.send(chunk(index))
    if (!hasRoom || sink.writableNeedsDrain) await drained(sink, end - performance.now())
  }
  return chunks
}

/** Resolves when there is room again, the sink has ended, or time is up. */
function drained(sink: Sink, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      sink.removeEventListener('drain', finish)
      sink.removeEventListener('close', finish)
      resolve()
    }
    const timer = setTimeout(finish, Math.max(0, milliseconds))
    sink.addEventListener('drain', finish)
    sink.addEventListener('close', finish)
    if (sink.status !== 'open') finish()
  })
}

/** What can come to its end: a stream or a connection. */
export interface Ending {
  readonly status: string
  addEventListener(type: 'close', listener: () => void): void
}

/** Resolves when `sink` has ended, at the latest after `milliseconds`; says whether it has. */
export function ended(sink: Ending, milliseconds: number): Promise<boolean> {
  if (sink.status !== 'open') return Promise.resolve(true)
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds)
    sink.addEventListener('close', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}

/** Resolves after `milliseconds`. */
export function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)))
}
