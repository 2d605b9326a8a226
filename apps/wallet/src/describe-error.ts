/**
 * One place that says what an error is to the outside: its exit code, its number in Bitcoin Core's scheme, its name and
 * its sentence.
 *
 * Source: features.md, section 2; Bitcoin Core, `rpc/protocol.h`
 */
import { RuleError } from '@chain/core/consensus'
import { ChainError, ParseError } from '@chain/core/errors'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** Bitcoin Core's numbers of the errors that a wallet can have. */
const rpcCodes = {
  miscellaneous: -1,
  typeError: -3,
  walletError: -4,
  invalidAddress: -5,
  insufficientFunds: -6,
  invalidParameter: -8,
  notConnected: -9,
  unlockNeeded: -13,
  passphraseIncorrect: -14,
  walletNotFound: -18,
  database: -20,
  verifyRejected: -26,
  walletExists: -36,
} as const

/** What the outside is told of an error. */
export interface ErrorDescription {
  readonly exitCode: ExitCode
  readonly rpcCode: number
  /** Kebab-case. */
  readonly name: string
  /** One sentence. */
  readonly message: string
}

type Numbers = readonly [exitCode: ExitCode, rpcCode: number]

/** Codes that need other numbers than their beginning says. */
const byCode: Readonly<Record<string, Numbers>> = {
  usage: [exitCodes.usage, rpcCodes.invalidParameter],
  'network-unknown': [exitCodes.usage, rpcCodes.invalidParameter],
  'file-unreadable': [exitCodes.usage, rpcCodes.invalidParameter],
  'peer-address-malformed': [exitCodes.usage, rpcCodes.invalidParameter],
  'passphrase-mismatch': [exitCodes.usage, rpcCodes.invalidParameter],
  'passphrase-missing': [exitCodes.locked, rpcCodes.unlockNeeded],
  'passphrase-wrong': [exitCodes.locked, rpcCodes.passphraseIncorrect],
  'wallet-name-malformed': [exitCodes.usage, rpcCodes.invalidParameter],
  'wallet-wrong-network': [exitCodes.usage, rpcCodes.invalidParameter],
  'wallet-missing': [exitCodes.notFound, rpcCodes.walletNotFound],
  'wallet-exists': [exitCodes.failed, rpcCodes.walletExists],
  'address-not-own': [exitCodes.notFound, rpcCodes.invalidAddress],
  'amount-zero': [exitCodes.usage, rpcCodes.typeError],
  'amount-dust': [exitCodes.refused, rpcCodes.walletError],
  'insufficient-funds': [exitCodes.insufficientFunds, rpcCodes.insufficientFunds],
  'fee-rate-out-of-range': [exitCodes.usage, rpcCodes.invalidParameter],
  'fee-absurd': [exitCodes.refused, rpcCodes.walletError],
  'payment-too-large': [exitCodes.refused, rpcCodes.walletError],
  'payment-refused': [exitCodes.refused, rpcCodes.verifyRejected],
  'payment-unanswered': [exitCodes.unreachable, rpcCodes.notConnected],
}

/** Beginnings of codes, for those that `byCode` does not name. */
const byPrefix: readonly (readonly [prefix: string, numbers: Numbers])[] = [
  ['data-dir-', [exitCodes.dataDirectory, rpcCodes.database]],
  ['store-', [exitCodes.dataDirectory, rpcCodes.database]],
  ['key-file-', [exitCodes.dataDirectory, rpcCodes.database]],
  ['wallet-db-', [exitCodes.dataDirectory, rpcCodes.database]],
  ['address-', [exitCodes.usage, rpcCodes.invalidAddress]],
  ['amount-', [exitCodes.usage, rpcCodes.typeError]],
  ['peers-', [exitCodes.unreachable, rpcCodes.notConnected]],
  ['peer-', [exitCodes.unreachable, rpcCodes.notConnected]],
]

/** What the outside is told of anything that was thrown. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof ChainError)) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      exitCode: exitCodes.failed,
      rpcCode: rpcCodes.miscellaneous,
      name: 'internal-error',
      message: `This is a bug in the program: ${message}`,
    }
  }
  const [exitCode, rpcCode] = numbersOf(error)
  return { exitCode, rpcCode, name: error.code, message: error.message }
}

function numbersOf(error: ChainError): Numbers {
  const { code } = error
  if (Object.hasOwn(byCode, code)) return byCode[code] as Numbers
  const named = byPrefix.find(([prefix]) => code.startsWith(prefix))
  if (named !== undefined) return named[1]
  if (error instanceof RuleError) return [exitCodes.refused, rpcCodes.verifyRejected]
  if (error instanceof ParseError) return [exitCodes.usage, rpcCodes.invalidParameter]
  return [exitCodes.failed, rpcCodes.miscellaneous]
}
