/** What is thrown: the base of every error, decode and parse errors, failures of the surroundings, and our own bugs. */
export { ChainError, DecodeError, OperationalError, ParseError } from './chain-error.ts'
export { InvariantError, invariant } from './invariant.ts'
export { reasonOf } from './reason-of.ts'
export type { BrokenRule, RuleRow, SentenceData } from './rule-table.ts'
