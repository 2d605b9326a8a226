/**
 * A node's line to the others: what it sends at once shares the line, turn by turn.
 */
import type { Clock } from '../clock.ts'

/** Bytes that one lane sends before it is another one's turn. */
const TURN_BYTES = 16_384

interface Load {
  left: number
  readonly onSent: () => void
}

/** Sends as many bytes in a second as it is told; any number at once when it is not told. */
export class Uplink {
  readonly #clock: Clock
  readonly #bytesPerSecond: number | undefined
  /** Loads by lane; the lane whose turn it is stands first. */
  readonly #lanes = new Map<object, Load[]>()
  #isBusy = false

  constructor(clock: Clock, bytesPerSecond: number | undefined) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Calls `onSent` when the last byte has left; what is sent on one lane leaves in order. */
  send(lane: object, bytes: number, onSent: () => void): void {
    if (this.#bytesPerSecond === undefined) {
      onSent()
      return
    }
    const loads = this.#lanes.get(lane)
    if (loads === undefined) this.#lanes.set(lane, [{ left: bytes, onSent }])
    else loads.push({ left: bytes, onSent })
    if (!this.#isBusy) this.#sendSome(this.#bytesPerSecond)
  }

  #sendSome(bytesPerSecond: number): void {
    const [next] = this.#lanes
    this.#isBusy = next !== undefined
    if (next === undefined) return
    const [lane, loads] = next
    const load = loads[0] as Load
    const bytes = Math.min(load.left, TURN_BYTES)
    this.#clock.setTimer((bytes * 1_000) / bytesPerSecond, () => {
      load.left -= bytes
      if (load.left === 0) loads.shift()
      this.#lanes.delete(lane)
      if (loads.length > 0) this.#lanes.set(lane, loads)
      if (load.left === 0) load.onSent()
      this.#sendSome(bytesPerSecond)
    })
  }
}
