/**
 * Runs the signature checks of a block and tells the verdict as a value.
 */
import { RuleError, type SignatureCheck, type SignatureVerifier } from '../consensus/index.ts'
import { formatHash } from '../primitives/index.ts'

/**
 * Why the signatures of a block do not hold: a `RuleError` when one is wrong, anything else when they could not be
 * verified. `undefined` when all are right.
 */
export type Verdict = { readonly error: unknown } | undefined

/** Verifies the signatures of a block. Never rejects. */
export async function judgeSignatures(
  verifier: SignatureVerifier,
  checks: readonly SignatureCheck[],
): Promise<Verdict> {
  try {
    const invalid = await verifier.findInvalid(checks)
    if (invalid === undefined) return undefined
    const { txid, inputIndex } = checks[invalid] as SignatureCheck
    return { error: new RuleError('input-signature-invalid', { txid: formatHash(txid), index: inputIndex }) }
  } catch (error) {
    return { error }
  }
}
