/**
 * The errors of the verifier: each is an `OperationalError`, because none says anything about a signature.
 *
 * | code | meaning |
 * |---|---|
 * | `native-crypto-unavailable` | the native library cannot be loaded on this machine |
 * | `verifier-thread-failed` | a thread that checks signatures ended by itself |
 * | `verifier-closed` | the verifier was used after it was closed, or closed while it was used |
 */
import { OperationalError, reasonOf } from '@chain/core/errors'

/** libsecp256k1 cannot be used here. */
export function nativeCryptoUnavailable(cause: unknown): OperationalError {
  return new OperationalError(
    'native-crypto-unavailable',
    `The native library for signatures, npm's secp256k1, cannot be loaded (${reasonOf(cause)}).`,
    {},
    { cause },
  )
}

/** A thread ended although nobody closed the verifier; `reason` is a clause. */
export function verifierThreadFailed(reason: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'verifier-thread-failed',
    `A thread that checks signatures failed (${reason}): nothing more can be checked, start the program again.`,
    { reason },
    cause === undefined ? undefined : { cause },
  )
}

/** Nothing is checked any more. */
export function verifierClosed(): OperationalError {
  return new OperationalError('verifier-closed', 'The verifier of signatures is closed.')
}
