/**
 * What an error of the node is to the outside: to the command line and to RPC clients, so that both are told the same.
 */
import {
  describeError as describe,
  type ErrorDescription,
  type ErrorRows,
  exitCodes,
  rpcCodes,
} from '@chain/cli'
import { RpcError } from './rpc/rpc-error.ts'

/** The codes that only a node has. */
const rows: ErrorRows = {
  'identity-seed-refused': [exitCodes.usage, rpcCodes.invalidParameter],
  'mining-address-missing': [exitCodes.usage, rpcCodes.invalidParameter],
  'address-not-local': [exitCodes.usage, rpcCodes.invalidParameter],
  'rpc-parameters-wrong': [exitCodes.usage, rpcCodes.miscellaneous],
  'node-not-running': [exitCodes.unreachable, rpcCodes.notConnected],
  'node-silent': [exitCodes.unreachable, rpcCodes.notConnected],
  'node-refused-cookie': [exitCodes.unreachable, rpcCodes.notConnected],
  'chain-missing': [exitCodes.notFound, rpcCodes.miscellaneous],
  'not-found': [exitCodes.notFound, rpcCodes.invalidAddressOrKey],
  'peer-id-malformed': [exitCodes.usage, rpcCodes.invalidParameter],
  'peer-not-connected': [exitCodes.notFound, rpcCodes.nodeNotConnected],
  'peer-is-self': [exitCodes.usage, rpcCodes.invalidParameter],
  'peer-already-added': [exitCodes.refused, rpcCodes.nodeAlreadyAdded],
  'peer-already-banned': [exitCodes.refused, rpcCodes.nodeAlreadyAdded],
  'peer-not-added': [exitCodes.notFound, rpcCodes.nodeNotAdded],
  'transaction-undecodable': [exitCodes.usage, rpcCodes.undecodable],
  'transaction-inputs-missing': [exitCodes.refused, rpcCodes.verifyError],
  'transaction-in-chain': [exitCodes.refused, rpcCodes.alreadyInChain],
  'fee-above-limit': [exitCodes.refused, rpcCodes.verifyError],
  'mining-interrupted': [exitCodes.interrupted, rpcCodes.miscellaneous],
  'block-file-not-regular': [exitCodes.usage, rpcCodes.invalidParameter],
  'block-file-empty': [exitCodes.usage, rpcCodes.undecodable],
  'import-interrupted': [exitCodes.interrupted, rpcCodes.miscellaneous],
  'export-interrupted': [exitCodes.interrupted, rpcCodes.miscellaneous],
  'export-file-exists': [exitCodes.usage, rpcCodes.invalidParameter],
  'export-file-not-regular': [exitCodes.usage, rpcCodes.invalidParameter],
  'export-disk-full': [exitCodes.dataDirectory, rpcCodes.database],
  'export-file-unwritable': [exitCodes.usage, rpcCodes.invalidParameter],
  'height-not-reached': [exitCodes.notFound, rpcCodes.invalidParameter],
  'verification-failed': [exitCodes.dataDirectory, rpcCodes.database],
  'chain-not-reindexable': [exitCodes.dataDirectory, rpcCodes.database],
  'reindex-interrupted': [exitCodes.interrupted, rpcCodes.miscellaneous],
  'body-pruned': [exitCodes.notFound, rpcCodes.miscellaneous],
  'index-needs-pruned-blocks': [exitCodes.usage, rpcCodes.miscellaneous],
  'mempool-not-loaded': [exitCodes.failed, rpcCodes.miscellaneous],
  'mempool-file-unwritable': [exitCodes.dataDirectory, rpcCodes.miscellaneous],
  'blocks-pruned': [exitCodes.dataDirectory, rpcCodes.database],
  'timed-out': [exitCodes.timedOut, rpcCodes.miscellaneous],
  'identity-unreadable': [exitCodes.dataDirectory, rpcCodes.database],
}

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
  const description = describe(error, rows)
  if (!(error instanceof RpcError)) return description
  const { rpcCode } = error
  const isUsage = description.exitCode === exitCodes.failed && usageCodes.includes(rpcCode)
  return { ...description, rpcCode, exitCode: isUsage ? exitCodes.usage : description.exitCode }
}
