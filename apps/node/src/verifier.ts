/**
 * The signature verifier of a node: `@noble/curves` in this thread, a few signatures at a time, so that the network is
 * served in between.
 *
 * Source: docs/architecture.md#known-weaknesses
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type SignatureCheck, type SignatureVerifier, verifySignature } from '@chain/core/consensus'

/** Signatures verified without a pause: about one millisecond each. */
const CHUNK = 8

/** Verifies in chunks and lets other work run between them. */
export const yieldingVerifier: SignatureVerifier = {
  name: 'noble',
  async findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
    for (const [index, check] of checks.entries()) {
      if (index > 0 && index % CHUNK === 0) await nextTurn()
      if (!verifySignature(check)) return index
    }
    return undefined
  },
}
