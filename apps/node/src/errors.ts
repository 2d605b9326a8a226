/**
 * The errors that only a node has: each is an `OperationalError` whose sentence says what to do.
 *
 * | code | meaning |
 * |---|---|
 * | `identity-seed-refused` | a seed was given on a network where identities must be secret |
 * | `mining-address-missing` | mining needs an address |
 * | `mining-failed` | a block that this node made itself was not accepted |
 * | `mining-interrupted` | mining was stopped before it was done |
 * | `chain-missing` | there is no chain in the data directory |
 * | `port-occupied` | another program listens on the port |
 * | `address-not-local` | the address to listen on is not one of this machine |
 * | `node-not-running` | no node runs on the data directory |
 * | `node-silent` | the node does not answer, or something else does |
 * | `node-refused-cookie` | what answers does not accept the data directory's cookie |
 * | `timed-out` | what was waited for did not happen in time |
 */
import { OperationalError } from '@chain/core/errors'

/** A seed makes the private key guessable, which only test networks bear. */
export function identitySeedRefused(network: string): OperationalError {
  return new OperationalError(
    'identity-seed-refused',
    `The option --identity-seed gives a key that anybody can guess: it works on regtest and dev, not on ${network}.`,
    { network },
  )
}

/** Nobody said whom new blocks should pay. */
export function miningAddressMissing(): OperationalError {
  return new OperationalError(
    'mining-address-missing',
    'Mining needs an address that new blocks pay: name it after start --mine, or with mine --to; chain-wallet address shows yours.',
  )
}

/** A block of our own was not accepted. */
export function miningFailed(reason: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'mining-failed',
    `A block mined here was not accepted: ${reason}`,
    {},
    { cause },
  )
}

/** Mining was stopped before it was done. */
export function miningInterrupted(mined: number, wanted: number): OperationalError {
  return new OperationalError(
    'mining-interrupted',
    `Mining was stopped after ${mined} of ${wanted} blocks.`,
    { mined, wanted },
  )
}

/** There is nothing to look at, most likely because another directory was meant. */
export function chainMissing(directory: string): OperationalError {
  return new OperationalError(
    'chain-missing',
    `There is no chain in the data directory ${directory}: name another one with --datadir, or start a node on it.`,
    { directory },
  )
}

/** Another program listens there; `purpose` is such as "RPC". */
export function portOccupied(port: number, address: string, option: string): OperationalError {
  return new OperationalError(
    'port-occupied',
    `Port ${port} is in use by another program (${address}): stop that program, or choose another port with ${option}.`,
    { port, address },
  )
}

/** The address does not belong to this machine, or this user may not use it. */
export function addressNotLocal(address: string, option: string, cause: Error): OperationalError {
  const reason = /EACCES/.test(cause.message)
    ? 'this user may not use the port'
    : 'it is not an address of this machine'
  return new OperationalError(
    'address-not-local',
    `It is not possible to listen on ${address} (${reason}): choose another address with ${option}.`,
    { address },
    { cause },
  )
}

/** No node runs on the data directory. */
export function nodeNotRunning(directory: string): OperationalError {
  return new OperationalError(
    'node-not-running',
    `No node runs on the data directory ${directory}: start one with chain-node start, or name its directory with --datadir.`,
    { directory },
  )
}

/** The node runs, but does not answer as a node does. */
export function nodeSilent(url: string, reason: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'node-silent',
    `The node at ${url} does not answer: ${reason}.`,
    { url },
    { cause },
  )
}

/** Another program, or another node, listens where ours did. */
export function nodeRefusedCookie(url: string): OperationalError {
  return new OperationalError(
    'node-refused-cookie',
    `The program at ${url} does not accept the cookie of this data directory: it is not the node that runs there.`,
    { url },
  )
}

/** What was waited for did not happen in time; `message` is a sentence. */
export function timedOut(message: string): OperationalError {
  return new OperationalError('timed-out', message)
}
