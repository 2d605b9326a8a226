/**
 * What `createVerifier` makes: core's port, with an end.
 */
import type { SignatureVerifier } from '@chain/core/consensus'
import type { OperationalError } from '@chain/core/errors'

/** Verifies lists of signatures. */
export interface Verifier extends SignatureVerifier {
  /** What verifies, and where, for people: such as `secp256k1 (native), 2 threads` or `noble, main thread`. */
  readonly name: string
  /** Resolves when nothing can be verified any more although nobody closed it: `verifier-thread-failed`. */
  readonly failed: Promise<OperationalError>
  /**
   * Position of the first check that fails, or `undefined` when all signatures are right.
   *
   * May be called again before it has resolved; the checks must not change meanwhile.
   *
   * @throws {OperationalError} `verifier-thread-failed`, `verifier-closed`: nothing is known about the signatures
   */
  findInvalid: SignatureVerifier['findInvalid']
  /** Ends the threads. Calls under way reject, and so do those to come. */
  close(): Promise<void>
}
