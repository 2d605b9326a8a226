/**
 * Ends the parts of a program in the opposite order of their start, each within its time, so that one part that hangs
 * keeps none of the others from ending.
 */
import type { Logger } from './logger.ts'

interface Closer {
  readonly name: string
  readonly close: () => Promise<void> | void
  readonly timeout: number
}

export class Closers {
  readonly #closers: Closer[] = []
  readonly #log: Logger
  #closing: Promise<void> | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  /**
   * Adds what ends a part.
   *
   * @param timeout - milliseconds after which the others are ended without waiting for this one
   */
  add(name: string, timeout: number, close: () => Promise<void> | void): void {
    this.#closers.push({ name, timeout, close })
  }

  /** Ends everything, the last added first. Never rejects; a second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    for (const closer of this.#closers.toReversed()) await this.#closeOne(closer)
  }

  async #closeOne({ name, close, timeout }: Closer): Promise<void> {
    const { promise: tooLate, resolve } = Promise.withResolvers<'too-late'>()
    const timer = setTimeout(() => resolve('too-late'), timeout)
    try {
      const outcome = await Promise.race([Promise.resolve(close()), tooLate])
      if (outcome === 'too-late')
        this.#log.warn({ part: name, timeout }, 'A part of the node did not end in time')
    } catch (error) {
      this.#log.error({ err: error, part: name }, 'A part of the node did not end well')
    } finally {
      clearTimeout(timer)
    }
  }
}
