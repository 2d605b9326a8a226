/**
 * A node's line to the others: what it sends at once shares the line, turn by turn.
 */
import type { Clock } from '../clock.ts'

/** Bytes that one lane sends before it is another one's turn. */
const TURN_BYTES = 16_384

/** Something to be sent. */
export interface Load {
  readonly bytes: number
  /** So many bytes have left. */
  readonly onPart: (bytes: number) => void
  /** The last byte has left. */
  readonly onSent: () => void
}

interface Sending extends Load {
  left: number
}

/** Sends as many bytes in a second as it is told; any number at once when it is not told. */
export class Uplink {
  readonly #clock: Clock
  readonly #bytesPerSecond: number | undefined
  /** Loads by lane; the lane whose turn it is stands first. */
  readonly #lanes = new Map<object, Sending[]>()
  #isBusy = false

  constructor(clock: Clock, bytesPerSecond: number | undefined) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Sends a load; those of one lane leave in order. */
  send(lane: object, load: Load): void {
    if (this.#bytesPerSecond === undefined) {
      load.onPart(load.bytes)
      load.onSent()
      return
    }
    const loads = this.#lanes.get(lane)
    const sending = { ...load, left: load.bytes }
    if (loads === undefined) this.#lanes.set(lane, [sending])
    else loads.push(sending)
    if (!this.#isBusy) this.#sendSome(this.#bytesPerSecond)
  }

  /** What is left of the loads of a lane is not sent any more. */
  drop(lane: object): void {
    this.#lanes.delete(lane)
  }

  #sendSome(bytesPerSecond: number): void {
    const [next] = this.#lanes
    this.#isBusy = next !== undefined
    if (next === undefined) return
    const [lane, loads] = next
    const load = loads[0] as Sending
    const bytes = Math.min(load.left, TURN_BYTES)
    this.#clock.setTimer((bytes * 1_000) / bytesPerSecond, () => {
      load.left -= bytes
      load.onPart(bytes)
      if (this.#lanes.get(lane) === loads) this.#endTurn(lane, loads)
      this.#sendSome(bytesPerSecond)
    })
  }

  #endTurn(lane: object, loads: Sending[]): void {
    this.#lanes.delete(lane)
    const load = loads[0] as Sending
    if (load.left === 0) loads.shift()
    if (loads.length > 0) this.#lanes.set(lane, loads)
    if (load.left === 0) load.onSent()
  }
}
