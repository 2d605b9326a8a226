export { ChainError, DecodeError, OperationalError, ParseError } from './chain-error.ts'
export { InvariantError, invariant } from './invariant.ts'
