/**
 * The errors that only a wallet has: each is an `OperationalError` whose sentence says what to do.
 *
 * | code | meaning |
 * |---|---|
 * | `wallet-name-malformed` | the name of a wallet cannot be one of a folder |
 * | `wallet-missing`, `wallet-exists` | there is no wallet of that name, or already one |
 * | `wallet-wrong-network` | the wallet belongs to another network |
 * | `key-file-corrupt`, `key-file-newer`, `key-file-unusable` | the key file cannot be read |
 * | `passphrase-missing`, `passphrase-wrong`, `passphrase-mismatch` | nobody gave it, it does not fit, it was mistyped |
 * | `wallet-db-corrupt`, `wallet-db-newer`, `wallet-db-failed` | the wallet's record of its coins cannot be used |
 * | `peer-address-malformed` | an address of a peer is none |
 * | `peers-unknown`, `peers-unreachable`, `peers-failed` | nobody to ask, nobody answers, nobody gives what is needed |
 * | `chain-unusable` | the best chain of headers holds a block that breaks the rules |
 * | `payment-refused` | every peer refused the payment, which stays recorded; the code is the peer's |
 * | `payment-unanswered` | no peer accepted the payment, and some did not say what became of it |
 * | `payment-unsent` | no peer could be reached any more, so that the payment was forgotten |
 * | `fee-absurd` | the fee is above the limit |
 * | `payment-unknown`, `payment-mined` | there is no such payment, or it waits no more |
 * | `payment-not-own`, `payment-built-on` | it cannot be replaced: others pay with it, or it was spent from |
 * | `address-not-own` | an address does not belong to the wallet |
 * | `cancelled` | somebody was asked and said no |
 * | `interrupted` | somebody was asked and left with Ctrl-C |
 */
import { OperationalError, reasonOf } from '@chain/core/errors'
import { type Amount, formatAmount } from '@chain/core/units'
import type { WalletError } from '@chain/core/wallet'

/** The name of a wallet is used as the name of a folder. */
export function walletNameMalformed(name: string): OperationalError {
  return new OperationalError(
    'wallet-name-malformed',
    `"${name}" cannot be the name of a wallet: use 1 to 64 letters, digits, dots, hyphens and underscores.`,
    { name },
  )
}

/** No such wallet; `command` is the one that makes it. */
export function walletMissing(name: string, network: string, command: string): OperationalError {
  return new OperationalError(
    'wallet-missing',
    `There is no wallet "${name}" for ${network}: make one with ${command}.`,
    { name, network },
  )
}

/** The wallet is there; it is never replaced. */
export function walletExists(name: string, file: string): OperationalError {
  return new OperationalError(
    'wallet-exists',
    `The wallet "${name}" exists already (${file}): choose another name with --wallet.`,
    { name, file },
  )
}

/** The key file was made for another network. */
export function walletWrongNetwork(name: string, found: string, expected: string): OperationalError {
  return new OperationalError(
    'wallet-wrong-network',
    `The wallet "${name}" belongs to the network ${found}, not to ${expected}: name the network with --network.`,
    { name, found, expected },
  )
}

/** The key file is not what was written; `detail` is a clause. */
export function keyFileCorrupt(file: string, detail: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'key-file-corrupt',
    `The key file ${file} is damaged (${detail}): put back a copy of it, or restore the wallet from its words under another name.`,
    { file, detail },
    cause === undefined ? undefined : { cause },
  )
}

/** The key file has a version that this program does not know yet. */
export function keyFileNewer(file: string, version: number): OperationalError {
  return new OperationalError(
    'key-file-newer',
    `The key file ${file} has version ${version}, this program knows version 1: use a newer program.`,
    { file, version },
  )
}

/** The operating system does not let us read or write the key file. */
export function keyFileUnusable(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'key-file-unusable',
    `The key file ${file} cannot be used: ${reasonOf(cause)}.`,
    { file },
    { cause },
  )
}

/** Nobody gave a passphrase, and nobody can be asked. */
export function passphraseMissing(): OperationalError {
  return new OperationalError(
    'passphrase-missing',
    'The passphrase is needed: give --passphrase-file, or set CHAIN_PASSPHRASE, or run this in a terminal.',
  )
}

/** The passphrase does not open the key file. */
export function passphraseWrong(name: string): OperationalError {
  return new OperationalError(
    'passphrase-wrong',
    `The passphrase does not open the wallet "${name}": try again.`,
    { name },
  )
}

/** The passphrase was typed twice, and differently. */
export function passphraseMismatch(): OperationalError {
  return new OperationalError('passphrase-mismatch', 'The two passphrases differ: try again.')
}

/** The wallet's record of its coins is damaged; `detail` is a clause. */
export function walletDbCorrupt(file: string, detail: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'wallet-db-corrupt',
    `The file ${file} is damaged (${detail}): move it away, and the next command makes it anew from the chain; keys and coins are not lost.`,
    { file, detail },
    cause === undefined ? undefined : { cause },
  )
}

/** The wallet's record was written by a newer program. */
export function walletDbNewer(file: string, found: number, known: number): OperationalError {
  return new OperationalError(
    'wallet-db-newer',
    `The file ${file} has schema version ${found}, this program knows versions up to ${known}: use a newer program.`,
    { file, found, known },
  )
}

/** The wallet's record cannot be read or written for another reason. */
export function walletDbFailed(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'wallet-db-failed',
    `The file ${file} cannot be used: ${reasonOf(cause)}.`,
    { file },
    { cause },
  )
}

/** An address of a peer is no multiaddr. */
export function peerAddressMalformed(address: string, cause: unknown): OperationalError {
  return new OperationalError(
    'peer-address-malformed',
    `"${address}" is not the address of a peer, such as /ip4/127.0.0.1/tcp/8655/p2p/12D3…`,
    { address },
    { cause },
  )
}

/** There is nobody to ask. */
export function peersUnknown(network: string): OperationalError {
  return new OperationalError(
    'peers-unknown',
    `No peer of ${network} is known: name one with --peer (chain-node status shows a node's addresses).`,
    { network },
  )
}

/** Why one peer was given up. */
export interface PeerFailure {
  readonly address: string
  /** A clause, such as "connection refused". */
  readonly reason: string
}

/** Nobody answers. */
export function peersUnreachable(failures: readonly PeerFailure[]): OperationalError {
  const tried = failures.map(({ address, reason }) => `${address} (${reason})`)
  return new OperationalError('peers-unreachable', `No peer could be reached: tried ${tried.join(', ')}.`, {
    failures,
  })
}

/** Everybody who answered failed later; `task` says at what. */
export function peersFailed(task: string, failures: readonly PeerFailure[]): OperationalError {
  const reasons = failures.map(({ address, reason }) => `${address} (${reason})`)
  return new OperationalError('peers-failed', `No peer ${task}: asked ${reasons.join(', ')}.`, { failures })
}

/** The chain of headers with the most work holds a block that no full node accepts. */
export function chainUnusable(hash: string, reason: string): OperationalError {
  return new OperationalError(
    'chain-unusable',
    `The chain with the most work that the peers know holds the invalid block ${hash} (${reason}): connect to other peers.`,
    { hash, reason },
  )
}

/**
 * Every peer refused the payment; `code` and `sentence` are what the first one said, `bump` is the command that replaces
 * the payment.
 */
export function paymentRefused(txid: string, code: string, sentence: string, bump: string): OperationalError {
  return new OperationalError(
    'payment-refused',
    `Every peer refused the payment ${txid} (${code}): ${sentence} It is kept all the same, and its coins with it, because whoever has seen it can still have it mined: do not pay again, but replace it with ${bump} (with --cancel to take the coins back).`,
    { txid, code, sentence },
  )
}

/** No peer accepted the payment, and some did not say what became of it. */
export function paymentUnanswered(txid: string, failures: readonly PeerFailure[]): OperationalError {
  const reasons = failures.map(({ address, reason }) => `${address} (${reason})`)
  return new OperationalError(
    'payment-unanswered',
    `No peer said that it took the payment ${txid}, which is kept and sent again by the next command: asked ${reasons.join(', ')}.`,
    { txid, failures },
  )
}

/** The payment was handed to nobody. */
export function paymentUnsent(failures: readonly PeerFailure[]): OperationalError {
  const reasons = failures.map(({ address, reason }) => `${address} (${reason})`)
  return new OperationalError(
    'payment-unsent',
    `Nothing was sent, because no peer could be reached any more: tried ${reasons.join(', ')}.`,
    { failures },
  )
}

/** The fee is above the limit; `cause` has it. */
export function feeAbsurd(cause: WalletError, limit: Amount): OperationalError {
  const { fee } = cause.data
  const text = typeof fee === 'bigint' ? `${formatAmount(fee)}, above` : 'above'
  return new OperationalError(
    'fee-absurd',
    `The fee would be ${text} the limit of ${formatAmount(limit)}: choose a lower --fee-rate, or allow it with --max-fee.`,
    cause.data,
    { cause },
  )
}

/** The wallet has no such payment. */
export function paymentUnknown(txid: string, name: string): OperationalError {
  return new OperationalError(
    'payment-unknown',
    `The wallet "${name}" has no payment ${txid}: history lists those that it has.`,
    { txid, name },
  )
}

/** The payment waits no more. */
export function paymentMined(txid: string, height: number): OperationalError {
  return new OperationalError(
    'payment-mined',
    `The payment ${txid} is in block ${height}: it can be neither replaced nor given up.`,
    { txid, height },
  )
}

/** Coins of others are spent as well. */
export function paymentNotOwn(txid: string): OperationalError {
  return new OperationalError(
    'payment-not-own',
    `The payment ${txid} spends coins of others: only they can replace it.`,
    { txid },
  )
}

/** Another payment spends its change. */
export function paymentBuiltOn(txid: string, others: readonly string[]): OperationalError {
  return new OperationalError(
    'payment-built-on',
    `The payment ${txid} cannot be replaced without making ${others.join(', ')} impossible, which spends from it: wait, or abandon the latter first.`,
    { txid, others },
  )
}

/** The address is well formed, and not one that the wallet has used or would use next. */
export function addressNotOwn(address: string, name: string): OperationalError {
  return new OperationalError(
    'address-not-own',
    `The address ${address} does not belong to the wallet "${name}".`,
    { address, name },
  )
}

/** Somebody was asked and said no. */
export function cancelled(message: string): OperationalError {
  return new OperationalError('cancelled', message)
}

/** Somebody was asked and left with Ctrl-C. */
export function interrupted(): OperationalError {
  return new OperationalError('interrupted', 'Nothing was done.')
}
