/**
 * Which failed exchanges are a peer's fault.
 *
 * Not for rule errors: a rule names its own blame, and who handed the data in decides.
 */
import type { ChainError } from '@chain/core/errors'
import { WireError } from '@chain/wire'
import { PeerError } from '../errors.ts'
import type { PenaltyReason } from './score.ts'

/** The penalty that an error of an exchange calls for, or `undefined` when the peer may well be honest. */
export function penaltyForFault(error: ChainError): PenaltyReason | undefined {
  if (error instanceof WireError) return 'protocol-violation'
  if (!(error instanceof PeerError)) return undefined
  switch (error.code) {
    case 'frame-too-large':
    case 'frame-malformed':
    case 'frame-unexpected':
    case 'answer-unexpected':
    case 'answer-false':
    case 'request-invalid':
    case 'record-refused':
      return 'protocol-violation'
    case 'peer-timed-out':
    case 'peer-stalled':
    case 'relay-queue-full':
      return 'timeout'
    default:
      return undefined
  }
}
