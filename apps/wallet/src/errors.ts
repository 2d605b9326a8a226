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
 * | `payment-refused` | every peer that answered refused the payment; the code is the peer's |
 * | `payment-unanswered` | no peer said what became of the payment |
 * | `address-not-own` | an address does not belong to the wallet |
 * | `cancelled` | somebody was asked and said no |
 * | `interrupted` | somebody was asked and left with Ctrl-C |
 */
import { OperationalError, reasonOf } from '@chain/core/errors'

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

/** No peer accepted the payment; `code` and `sentence` are what the first one said. */
export function paymentRefused(code: string, sentence: string): OperationalError {
  return new OperationalError('payment-refused', `The payment was refused (${code}): ${sentence}`, {
    code,
    sentence,
  })
}

/** Nobody said what became of the payment, which may be on its way. */
export function paymentUnanswered(txid: string, failures: readonly PeerFailure[]): OperationalError {
  const reasons = failures.map(({ address, reason }) => `${address} (${reason})`)
  return new OperationalError(
    'payment-unanswered',
    `No peer said what became of the payment ${txid}, which is kept and sent again by the next command: asked ${reasons.join(', ')}.`,
    { txid, failures },
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
