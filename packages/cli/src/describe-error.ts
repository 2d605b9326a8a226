/**
 * What an error is to the outside: its exit code, its number, its name and its sentence.
 *
 * The codes that core, storage and p2p throw have their rows here; each program adds the rows of its own codes.
 */
import { rules } from '@chain/core/consensus'
import { ChainError, DecodeError, ParseError, reasonOf } from '@chain/core/errors'
import { policyRules } from '@chain/core/mempool'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type RpcCode, rpcCodes } from './rpc-codes.ts'
import { describeSystemError } from './system-error.ts'

/** What the outside is told of an error. */
export interface ErrorDescription {
  readonly exitCode: ExitCode
  /** Bitcoin Core's number. */
  readonly rpcCode: number
  /** Kebab-case. */
  readonly name: string
  /** One sentence. */
  readonly message: string
}

/** What a program ends with, and Bitcoin Core's number. */
export type ErrorNumbers = readonly [exitCode: ExitCode, rpcCode: RpcCode]

/** The numbers of errors by their code; a key that ends in `-` stands for all codes that begin so and have no own row. */
export type ErrorRows = Readonly<Record<string, ErrorNumbers>>

const sharedRows: ErrorRows = {
  usage: [exitCodes.usage, rpcCodes.invalidParameter],
  'network-unknown': [exitCodes.usage, rpcCodes.invalidParameter],
  'file-unreadable': [exitCodes.usage, rpcCodes.invalidParameter],
  'data-dir-': [exitCodes.dataDirectory, rpcCodes.database],
  'store-': [exitCodes.dataDirectory, rpcCodes.database],
  'address-': [exitCodes.usage, rpcCodes.invalidAddressOrKey],
  'peer-': [exitCodes.unreachable, rpcCodes.notConnected],
}

/** What the outside is told of anything that was thrown; what is no error of ours is a bug. */
export function describeError(error: unknown, programRows: ErrorRows): ErrorDescription {
  const trouble = describeSystemError(error)
  if (trouble !== undefined) {
    const [exitCode, rpcCode] = [exitCodes.dataDirectory, rpcCodes.database]
    return { exitCode, rpcCode, name: 'file-unusable', message: trouble }
  }
  if (!(error instanceof ChainError)) {
    const message = `The program has a bug: ${reasonOf(error)}.`
    return { exitCode: exitCodes.failed, rpcCode: rpcCodes.internalError, name: INTERNAL_ERROR, message }
  }
  const { code: name, message } = error
  const [exitCode, rpcCode] = numbersOf(name, { ...sharedRows, ...programRows }) ?? familyNumbers(error)
  return { exitCode, rpcCode, name, message }
}

/** The name of everything that is no error of ours. */
export const INTERNAL_ERROR = 'internal-error'

function numbersOf(code: string, rows: ErrorRows): ErrorNumbers | undefined {
  if (Object.hasOwn(rows, code)) return rows[code]
  const beginning = Object.keys(rows).find((key) => key.endsWith('-') && code.startsWith(key))
  return beginning === undefined ? undefined : rows[beginning]
}

function familyNumbers(error: ChainError): ErrorNumbers {
  const { code } = error
  // By code, because a rule that a node applied for us arrives as its code alone.
  if (Object.hasOwn(rules, code) || Object.hasOwn(policyRules, code)) {
    return [exitCodes.refused, rpcCodes.verifyRejected]
  }
  if (error instanceof ParseError) return [exitCodes.usage, rpcCodes.invalidParameter]
  if (error instanceof DecodeError) return [exitCodes.usage, rpcCodes.undecodable]
  return [exitCodes.failed, rpcCodes.miscellaneous]
}
