/**
 * The base of every error that chain's own code throws on purpose.
 *
 * Compare errors by {@link ChainError.code}, a kebab-case string that is part of the public interface; the message
 * is a sentence for people, made from {@link ChainError.data}.
 *
 * Three families exist: data broke a consensus or policy rule (`RuleError`, in `consensus/`), bytes or text cannot be
 * read ({@link DecodeError}, {@link ParseError}), the surroundings failed ({@link OperationalError}). Our own bugs are
 * an `InvariantError`.
 */
export class ChainError extends Error {
  /** Stable kebab-case code. */
  readonly code: string
  /** What the sentence was made from. */
  readonly data: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.data = data
    this.name = new.target.name
  }
}

/** Bytes are not an encoding of what they should be. Nothing else escapes from a decoder. */
export class DecodeError extends ChainError {}

/** A text given by a person or a file (address, amount, hash, chain spec) does not say what it should. */
export class ParseError extends ChainError {}

/** Storage, network or configuration failed; the data may well be right. */
export class OperationalError extends ChainError {}
