/**
 * Makes requests wait for their turn, so that this node never opens more streams of a protocol on a connection than the
 * other side allows.
 *
 * Bound: what waits is as much as this node's own code asks for at once; peers cannot add to it.
 */
import type { Connection } from '@libp2p/interface'
import { PeerError } from '../errors.ts'

const slotsByConnection = new WeakMap<Connection, Map<string, StreamSlots>>()

/** The slots of one protocol on one connection. */
export function streamSlots(connection: Connection, protocol: string, limit: number): StreamSlots {
  const ofConnection = slotsByConnection.get(connection) ?? new Map<string, StreamSlots>()
  slotsByConnection.set(connection, ofConnection)
  const slots = ofConnection.get(protocol) ?? new StreamSlots(limit)
  ofConnection.set(protocol, slots)
  return slots
}

/** A counter of free slots with a queue, first come first served. */
export class StreamSlots {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(limit: number) {
    this.#free = limit
  }

  /**
   * Resolves when a slot is taken; {@link release} it afterwards.
   *
   * @throws {PeerError} `cancelled` when `signal` aborts first
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) throw cancelled(signal)
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(signal)
  }

  /** Hands the slot to the next that waits. */
  release(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(onTurn)
        reject(cancelled(signal))
      }
      const onTurn = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      this.#waiting.add(onTurn)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}

function cancelled(signal: AbortSignal | undefined): PeerError {
  return new PeerError('cancelled', 'The exchange was cancelled.', { cause: signal?.reason })
}
