/**
 * Verifies each signature once, however many nodes of one process ask.
 */
import { bytesKey } from '@chain/core/bytes'
import type { SignatureCheck, SignatureVerifier } from '@chain/core/consensus'

/** Remembers every verdict. Grows with the signatures that it has seen, without bound. */
export class CachedVerifier implements SignatureVerifier {
  readonly name: string
  readonly #inner: SignatureVerifier
  readonly #verdicts = new Map<string, boolean>()

  constructor(inner: SignatureVerifier) {
    this.name = `${inner.name}, each once`
    this.#inner = inner
  }

  async findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
    for (const [index, check] of checks.entries()) {
      const key = keyOf(check)
      const isValid = this.#verdicts.get(key) ?? (await this.#verify(check, key))
      if (!isValid) return index
    }
    return undefined
  }

  async #verify(check: SignatureCheck, key: string): Promise<boolean> {
    const isValid = (await this.#inner.findInvalid([check])) === undefined
    this.#verdicts.set(key, isValid)
    return isValid
  }
}

function keyOf({ algorithm, digest, publicKey, signature }: SignatureCheck): string {
  return `${algorithm} ${bytesKey(digest)}${bytesKey(publicKey)}${bytesKey(signature)}`
}
