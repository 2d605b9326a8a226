/**
 * A timer and a caller's signal in one signal, for one exchange with a peer.
 *
 * Not `AbortSignal.any`: the timer can be held while it is our turn, and nothing stays attached to the caller's signal
 * after {@link Deadline.dispose}.
 */
import { PeerError } from '../errors.ts'

/** Aborts its signal with a {@link PeerError} `peer-timed-out` when time is up, `cancelled` when the caller aborts. */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #milliseconds: number
  readonly #caller: AbortSignal | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Starts to run at once. */
  constructor(milliseconds: number, caller?: AbortSignal) {
    this.#milliseconds = milliseconds
    this.#caller = caller
    caller?.addEventListener('abort', this.#onCancel)
    if (caller?.aborted === true) this.#onCancel()
    this.restart()
  }

  /** Aborted with an error of ours as its reason. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Gives the peer the full time again. */
  restart(): void {
    this.hold()
    this.#timer = setTimeout(this.#onExpiry, this.#milliseconds)
  }

  /** Stops the clock until the next {@link restart}; the caller can still cancel. */
  hold(): void {
    clearTimeout(this.#timer)
  }

  /** Calls `listener` with the reason when the signal aborts, at once when it has aborted already. */
  onAbort(listener: (reason: unknown) => void): void {
    if (this.signal.aborted) listener(this.signal.reason)
    else this.signal.addEventListener('abort', () => listener(this.signal.reason), { once: true })
  }

  /** Stops the clock for good and lets go of the caller's signal. */
  dispose(): void {
    this.hold()
    this.#caller?.removeEventListener('abort', this.#onCancel)
  }

  readonly #onExpiry = (): void => {
    const sentence = `The peer did not answer within ${this.#milliseconds} ms.`
    this.#controller.abort(new PeerError('peer-timed-out', sentence))
  }

  readonly #onCancel = (): void => {
    const cause: unknown = this.#caller?.reason
    this.#controller.abort(new PeerError('cancelled', 'The exchange was cancelled.', { cause }))
  }
}
