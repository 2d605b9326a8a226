/**
 * Counts the signatures that a verifier has verified.
 */
import type { SignatureCheck, SignatureVerifier } from '@chain/core/consensus'

/** Verifies with another verifier, and counts. */
export class CountingVerifier implements SignatureVerifier {
  readonly #verifier: SignatureVerifier
  #count = 0

  constructor(verifier: SignatureVerifier) {
    this.#verifier = verifier
  }

  get name(): string {
    return this.#verifier.name
  }

  /** Signatures of groups that were right. */
  get count(): number {
    return this.#count
  }

  async findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
    const invalid = await this.#verifier.findInvalid(checks)
    if (invalid === undefined) this.#count += checks.length
    return invalid
  }
}
