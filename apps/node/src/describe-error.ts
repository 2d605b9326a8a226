/**
 * One place that says what an error is to the outside: its exit code, its JSON-RPC number, its name and its sentence.
 *
 * Used by the command line and by the RPC server, so that both tell the same about the same error.
 *
 * Source: features.md, sections 2 and 3; Bitcoin Core, `rpc/protocol.h`
 */
import { rules } from '@chain/core/consensus'
import { ChainError, DecodeError, ParseError } from '@chain/core/errors'
import { policyRules } from '@chain/core/mempool'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type RpcCode, rpcCodes } from './rpc/rpc-codes.ts'
import { RpcError } from './rpc/rpc-error.ts'

/** What the outside is told of an error. */
export interface ErrorDescription {
  readonly exitCode: ExitCode
  /** Number of the error in JSON-RPC. */
  readonly rpcCode: number
  /** Kebab-case. */
  readonly name: string
  /** One sentence. */
  readonly message: string
}

type Numbers = readonly [exitCode: ExitCode, rpcCode: RpcCode]

/** Codes that need other numbers than their family. */
const byCode: Readonly<Record<string, Numbers>> = {
  usage: [exitCodes.usage, rpcCodes.invalidParameter],
  'network-unknown': [exitCodes.usage, rpcCodes.invalidParameter],
  'chain-spec-unreadable': [exitCodes.usage, rpcCodes.invalidParameter],
  'identity-seed-refused': [exitCodes.usage, rpcCodes.invalidParameter],
  'mining-address-missing': [exitCodes.usage, rpcCodes.invalidParameter],
  'address-not-local': [exitCodes.usage, rpcCodes.invalidParameter],
  'rpc-parameters-wrong': [exitCodes.usage, rpcCodes.miscellaneous],
  'node-not-running': [exitCodes.unreachable, rpcCodes.notConnected],
  'node-silent': [exitCodes.unreachable, rpcCodes.notConnected],
  'node-refused-cookie': [exitCodes.unreachable, rpcCodes.notConnected],
  'not-found': [exitCodes.notFound, rpcCodes.invalidAddressOrKey],
  'peer-not-connected': [exitCodes.notFound, rpcCodes.nodeNotConnected],
  'peer-not-added': [exitCodes.notFound, rpcCodes.nodeNotAdded],
  'transaction-undecodable': [exitCodes.usage, rpcCodes.undecodable],
  'transaction-inputs-missing': [exitCodes.refused, rpcCodes.verifyError],
  'transaction-in-chain': [exitCodes.refused, rpcCodes.alreadyInChain],
  'fee-above-limit': [exitCodes.refused, rpcCodes.verifyError],
  'timed-out': [exitCodes.timedOut, rpcCodes.miscellaneous],
  'identity-unreadable': [exitCodes.dataDirectory, rpcCodes.database],
}

/** Beginnings of codes, for those that `byCode` does not name. */
const byPrefix: readonly (readonly [prefix: string, numbers: Numbers])[] = [
  ['data-dir-', [exitCodes.dataDirectory, rpcCodes.database]],
  ['store-', [exitCodes.dataDirectory, rpcCodes.database]],
  ['address-', [exitCodes.usage, rpcCodes.invalidAddressOrKey]],
  ['peer-', [exitCodes.unreachable, rpcCodes.notConnected]],
  ['dial-', [exitCodes.unreachable, rpcCodes.notConnected]],
]

/** JSON-RPC numbers that tell of a wrong request. */
const usageCodes: readonly number[] = [
  rpcCodes.miscellaneous,
  rpcCodes.wrongType,
  rpcCodes.invalidParameter,
  rpcCodes.undecodable,
  rpcCodes.methodNotFound,
]

/** What the outside is told of anything that was thrown. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof ChainError)) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      exitCode: exitCodes.failed,
      rpcCode: rpcCodes.internalError,
      name: 'internal-error',
      message: `The program has a bug: ${message}`,
    }
  }
  const [exitCode, familyCode] = namedNumbers(error.code) ?? familyNumbers(error)
  const rpcCode = error instanceof RpcError ? error.rpcCode : familyCode
  return { exitCode, rpcCode, name: error.code, message: error.message }
}

function namedNumbers(code: string): Numbers | undefined {
  if (Object.hasOwn(byCode, code)) return byCode[code]
  if (Object.hasOwn(rules, code) || Object.hasOwn(policyRules, code)) {
    return [exitCodes.refused, rpcCodes.verifyRejected]
  }
  return byPrefix.find(([prefix]) => code.startsWith(prefix))?.[1]
}

function familyNumbers(error: ChainError): Numbers {
  if (error instanceof ParseError) return [exitCodes.usage, rpcCodes.invalidParameter]
  if (error instanceof DecodeError) return [exitCodes.usage, rpcCodes.undecodable]
  const isUsage = error instanceof RpcError && usageCodes.includes(error.rpcCode)
  return [isUsage ? exitCodes.usage : exitCodes.failed, rpcCodes.miscellaneous]
}
