/**
 * The one error that reading a peer message may throw.
 */
import { DecodeError } from '@chain/core/errors'

/**
 * What is wrong with a message: its bytes are no encoding of it, one of its lists is too long, or it is longer than
 * `docs/limits.md` allows.
 */
export type WireErrorCode = 'message-malformed' | 'message-too-many-items' | 'message-too-large'

/** A peer message that cannot be read. No other error escapes from a `decode…` function of this package. */
export class WireError extends DecodeError {
  declare readonly code: WireErrorCode

  constructor(code: WireErrorCode, message: string, data: WireErrorData, options?: ErrorOptions) {
    super(code, message, { ...data }, options)
  }
}

/** What the sentence of a {@link WireError} was made from. */
export interface WireErrorData {
  /** Name of the message in the `.proto` files. */
  readonly message: string
  /** Name of the field at fault, when one is. */
  readonly field?: string
}
