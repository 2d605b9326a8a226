export { ChainError, DecodeError, OperationalError, ParseError } from './chain-error.ts'
export { InvariantError, invariant } from './invariant.ts'
export { reasonOf } from './reason-of.ts'
