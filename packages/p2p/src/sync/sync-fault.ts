/**
 * What a peer that answers a sync request can do wrong beyond the protocol, and what it costs it.
 */
import type { BlockOutcome, HeadersOutcome } from '@chain/core/chain'
import { ChainError } from '@chain/core/errors'
import { formatHash } from '@chain/core/primitives'
import type { PenaltyReason } from '../peers/score.ts'

/**
 * - `sync-headers-invalid`, `sync-block-invalid`: what it sent breaks a rule.
 * - `sync-headers-not-connected`: its headers do not follow any block that we asked about.
 * - `sync-headers-stuck`: it says that there are more headers and shows none further on.
 * - `sync-headers-changed`: it showed other headers than before.
 * - `sync-block-unexpected`: it sent another block than the one asked for.
 * - `sync-block-malformed`: its bytes are no block.
 */
export type SyncFaultCode =
  | 'sync-headers-invalid'
  | 'sync-headers-not-connected'
  | 'sync-headers-stuck'
  | 'sync-headers-changed'
  | 'sync-block-invalid'
  | 'sync-block-unexpected'
  | 'sync-block-malformed'

/** An answer that cannot be used; `penalty` is `undefined` when the peer may well be honest. */
export class SyncFault extends ChainError {
  declare readonly code: SyncFaultCode
  readonly penalty: PenaltyReason | undefined

  constructor(
    code: SyncFaultCode,
    message: string,
    penalty: PenaltyReason | undefined,
    options?: ErrorOptions,
  ) {
    super(code, message, {}, options)
    this.penalty = penalty
  }
}

/** The fault of headers that the chain did not accept. */
export function headersFault(
  outcome: Exclude<HeadersOutcome, { status: 'accepted' | 'low-work' }>,
): SyncFault {
  if (outcome.status === 'missing-parent') {
    const sentence = `The headers follow the unknown block ${formatHash(outcome.parent)}.`
    return new SyncFault('sync-headers-not-connected', sentence, 'protocol-violation')
  }
  const { error, hash } = outcome
  const penalty = error.rule.blame === 'transient' ? undefined : 'invalid-header'
  const sentence = `Header ${formatHash(hash)} is refused: ${error.message}`
  return new SyncFault('sync-headers-invalid', sentence, penalty, { cause: error })
}

/** The fault of a block that breaks a rule. A damaged copy counts too: whoever checks blocks does not pass it on. */
export function blockFault({ error, hash }: Extract<BlockOutcome, { status: 'invalid' }>): SyncFault {
  const penalty = error.rule.blame === 'transient' ? undefined : 'invalid-block'
  const sentence = `Block ${formatHash(hash)} is refused: ${error.message}`
  return new SyncFault('sync-block-invalid', sentence, penalty, { cause: error })
}
