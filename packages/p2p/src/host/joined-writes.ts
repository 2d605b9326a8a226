/**
 * Hands to a socket in one piece what is sent in one go. Noise sends each message after a length of two bytes, and the
 * multiplexer each frame by itself: a system call, a packet and a wake-up of the peer would be made of each.
 *
 * Not for what carries a connection before its hand-shake is over.
 */
import type { MessageStream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { hostLimits } from './host-limits.ts'

/** Sends what is written to a stream until the current task pauses together, in pieces of `hostLimits.joinedWrites` bytes at most. */
export function joinWrites(stream: MessageStream): void {
  const send = stream.send.bind(stream)
  const close = stream.close.bind(stream)
  const abort = stream.abort.bind(stream)
  const waiting = new Uint8ArrayList()
  const flush = (): boolean => {
    let hasRoom = !stream.writableNeedsDrain
    while (waiting.byteLength > 0 && stream.status === 'open') {
      const piece = waiting.subarray(0, Math.min(hostLimits.joinedWrites, waiting.byteLength))
      waiting.consume(piece.byteLength)
      hasRoom = send(piece)
    }
    return hasRoom
  }
  stream.send = (data) => {
    // Says why nothing can be sent any more.
    if (stream.status !== 'open') return send(data)
    if (waiting.byteLength === 0) queueMicrotask(flush)
    waiting.append(data)
    return waiting.byteLength < hostLimits.joinedWrites ? !stream.writableNeedsDrain : flush()
  }
  stream.close = (options) => {
    flush()
    return close(options)
  }
  // The multiplexer says goodbye just before.
  stream.abort = (error) => {
    flush()
    abort(error)
  }
}
