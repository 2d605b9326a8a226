/**
 * Counts the signatures that a verifier has verified.
 */
import type { SignatureCheck } from '@chain/core/consensus'
import type { OperationalError } from '@chain/core/errors'
import type { Verifier } from '@chain/verifier'

/** Verifies with another verifier, and counts. */
export class CountingVerifier implements Verifier {
  readonly #verifier: Verifier
  #count = 0

  constructor(verifier: Verifier) {
    this.#verifier = verifier
  }

  get name(): string {
    return this.#verifier.name
  }

  get failed(): Promise<OperationalError> {
    return this.#verifier.failed
  }

  /** Signatures of lists that were right from the first to the last. */
  get count(): number {
    return this.#count
  }

  async findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
    const invalid = await this.#verifier.findInvalid(checks)
    if (invalid === undefined) this.#count += checks.length
    return invalid
  }

  close(): Promise<void> {
    return this.#verifier.close()
  }
}
