/** What an error of the wallet is to the outside. */
import {
  describeError as describe,
  type ErrorDescription,
  type ErrorRows,
  exitCodes,
  rpcCodes,
} from '@chain/cli'

/** The codes that only a wallet has. */
const rows: ErrorRows = {
  'peer-address-malformed': [exitCodes.usage, rpcCodes.invalidParameter],
  'passphrase-mismatch': [exitCodes.usage, rpcCodes.invalidParameter],
  'passphrase-missing': [exitCodes.locked, rpcCodes.walletLocked],
  'passphrase-wrong': [exitCodes.locked, rpcCodes.passphraseWrong],
  'wallet-name-malformed': [exitCodes.usage, rpcCodes.invalidParameter],
  'wallet-wrong-network': [exitCodes.usage, rpcCodes.invalidParameter],
  'wallet-missing': [exitCodes.notFound, rpcCodes.walletNotFound],
  'wallet-exists': [exitCodes.failed, rpcCodes.walletExists],
  'address-not-own': [exitCodes.notFound, rpcCodes.invalidAddressOrKey],
  'amount-zero': [exitCodes.usage, rpcCodes.wrongType],
  'amount-dust': [exitCodes.refused, rpcCodes.walletError],
  'insufficient-funds': [exitCodes.insufficientFunds, rpcCodes.insufficientFunds],
  'fee-rate-out-of-range': [exitCodes.usage, rpcCodes.invalidParameter],
  'fee-absurd': [exitCodes.refused, rpcCodes.walletError],
  'payment-too-large': [exitCodes.refused, rpcCodes.walletError],
  'payment-refused': [exitCodes.refused, rpcCodes.verifyRejected],
  interrupted: [exitCodes.interrupted, rpcCodes.miscellaneous],
  'payment-unanswered': [exitCodes.unreachable, rpcCodes.notConnected],
  'payment-unsent': [exitCodes.unreachable, rpcCodes.notConnected],
  'payment-unknown': [exitCodes.notFound, rpcCodes.invalidAddressOrKey],
  'payment-mined': [exitCodes.refused, rpcCodes.walletError],
  'payment-not-own': [exitCodes.refused, rpcCodes.walletError],
  'payment-built-on': [exitCodes.refused, rpcCodes.walletError],
  'key-file-': [exitCodes.dataDirectory, rpcCodes.database],
  'wallet-db-': [exitCodes.dataDirectory, rpcCodes.database],
  'amount-': [exitCodes.usage, rpcCodes.wrongType],
  'peers-': [exitCodes.unreachable, rpcCodes.notConnected],
}

/** What the outside is told of anything that was thrown. */
export function describeError(error: unknown): ErrorDescription {
  return describe(error, rows)
}
