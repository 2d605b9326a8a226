/**
 * A verifier without threads: a few checks at a time, so that other work of the event loop is done in between.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SignatureCheck } from '@chain/core/consensus'
import type { OperationalError } from '@chain/core/errors'
import { type Engine, findFirstInvalid } from './engine.ts'
import { verifierClosed } from './errors.ts'
import type { Verifier } from './verifier.ts'

/** Verifies in the calling thread. */
export class MainThreadVerifier implements Verifier {
  readonly name: string
  readonly failed: Promise<OperationalError> = Promise.withResolvers<OperationalError>().promise
  readonly #engine: Engine
  #closed = false

  constructor(engine: Engine) {
    this.name = `${engine.title}, main thread`
    this.#engine = engine
  }

  async findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
    const { turn } = this.#engine
    this.#requireOpen()
    for (let start = 0; start < checks.length; start += turn) {
      if (start > 0) await nextTurn()
      this.#requireOpen()
      const end = Math.min(start + turn, checks.length)
      const position = findFirstInvalid(this.#engine, checks, start, end)
      if (position !== undefined) return position
    }
    return undefined
  }

  close(): Promise<void> {
    this.#closed = true
    return Promise.resolve()
  }

  #requireOpen(): void {
    if (this.#closed) throw verifierClosed()
  }
}
