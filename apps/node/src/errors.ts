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
 * | `block-file-not-regular` | an import was given a pipe, a device or a directory |
 * | `block-file-empty` | an import was given a file without a block of the network |
 * | `import-interrupted` | an import was stopped before it was done |
 * | `export-interrupted` | an export was stopped before it was done |
 * | `export-file-exists` | an export would replace a file |
 * | `export-disk-full` | there is no room for the file of an export |
 * | `export-file-not-regular` | an export would replace a device or a directory |
 * | `export-file-unwritable` | the file of an export cannot be written |
 * | `height-not-reached` | the chain ends below a height that was asked for |
 * | `store-inconsistent` | a block is not in the data file any more |
 * | `verification-failed` | a stored block or its coins are not as they should be |
 * | `chain-not-reindexable` | the data file lacks the first blocks |
 * | `reindex-interrupted` | a reindex was stopped before it was done |
 * | `mempool-not-loaded` | the mempool cannot be saved before the saved one is loaded |
 * | `mempool-file-unusable` | the saved mempool is damaged, foreign or cannot be read |
 * | `mempool-file-unwritable` | the mempool cannot be saved |
 * | `body-pruned` | a block that was asked for was pruned |
 * | `index-needs-pruned-blocks` | an index cannot be built, or cannot go on, because blocks were pruned |
 */
import { toHex } from '@chain/core/bytes'
import type { ChainSpec } from '@chain/core/consensus'
import { type ChainError, OperationalError, reasonOf } from '@chain/core/errors'

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

/** A pipe or a device was named where the file is read at many places. */
export function blockFileNotRegular(file: string): OperationalError {
  return new OperationalError(
    'block-file-not-regular',
    `An import reads its file in the order of the chain, so that "${file}" must be a file, not a pipe or a directory: write the blocks into a file first.`,
    { file },
  )
}

/** Nothing in the file is a block of the network. @param first - what was found instead, if anything */
export function blockFileEmpty(
  file: string,
  { name, magic }: ChainSpec,
  first?: { readonly offset: number; readonly reason: string },
): OperationalError {
  const found = first === undefined ? '' : ` At offset ${first.offset}: ${first.reason}`
  return new OperationalError(
    'block-file-empty',
    `The file ${file} holds no block of the network ${name}, before each of which stand the bytes ${toHex(magic)}.${found}`,
    { file, network: name, ...first },
  )
}

/** An import was stopped before it was done. */
export function importInterrupted(blocks: number, height: number): OperationalError {
  return new OperationalError(
    'import-interrupted',
    `The import was stopped after ${blocks} blocks, at height ${height}: the same command goes on from there.`,
    { blocks, height },
  )
}

/** An export was stopped before it was done. */
export function exportInterrupted(file: string): OperationalError {
  return new OperationalError('export-interrupted', `The export was stopped, ${file} was not written.`, {
    file,
  })
}

/** An export would replace a file. */
export function exportFileExists(file: string): OperationalError {
  return new OperationalError(
    'export-file-exists',
    `There is a file ${file} already: choose another name, or replace it with --force.`,
    { file },
  )
}

/** The file of an export cannot be written. */
export function exportFileUnwritable(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'export-file-unwritable',
    `The file ${file} cannot be written: ${reasonOf(cause)}.`,
    { file },
    { cause },
  )
}

/** There is no room for the file of an export. */
export function exportDiskFull(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'export-disk-full',
    `The disk is full, the file ${file} cannot be written: free some space, or choose another place for it.`,
    { file },
    { cause },
  )
}

/** A device or a directory was named as the file of an export. */
export function exportFileNotRegular(file: string): OperationalError {
  return new OperationalError(
    'export-file-not-regular',
    `An export takes the place of its file, so that ${file} must not be a device or a directory: choose another name.`,
    { file },
  )
}

/** The chain does not reach a height that was asked for. */
export function heightNotReached(height: number, tip: number): OperationalError {
  return new OperationalError(
    'height-not-reached',
    `There is no block at height ${height}: the chain ends at height ${tip}.`,
    { height, tip },
  )
}

/** Bodies were thrown away to save room. @param first - the lowest height from which on all bodies are there */
export function bodyPruned(height: number, first: number): OperationalError {
  return new OperationalError(
    'body-pruned',
    `Blocks from height ${height} on were pruned: the data directory has all blocks from height ${first} on, which --from ${first} exports.`,
    { height, first },
  )
}

/** A block of the active chain is not in the data file any more: the row was lost, and it was not pruned. */
export function bodyLost(height: number): OperationalError {
  return new OperationalError(
    'store-inconsistent',
    `The data file does not hold block ${height} any more, which is damage: run chain-node reindex.`,
    { height },
  )
}

/** The body of a stored block is damaged, so that the coins cannot be made of what is there. */
export function bodyUnreadable(height: number, cause: ChainError): OperationalError {
  return new OperationalError(
    'store-inconsistent',
    `Block ${height} cannot be read from the data file, and nothing was changed: run chain-node reindex without --coins-only.`,
    { height, reason: cause.code },
    { cause },
  )
}

/** A stored block, or the coins that it made and spent, are not as they should be. */
export function verificationFailed(height: number, hash: string, cause: ChainError): OperationalError {
  // Damage in the store says so itself.
  const hint = cause.message.includes('reindex') ? '' : ' Run chain-node reindex.'
  return new OperationalError(
    'verification-failed',
    `Block ${hash} at height ${height} failed: ${cause.message}${hint}`,
    { height, hash, reason: cause.code },
    { cause },
  )
}

/** Blocks that a reindex needs are not there: they were pruned, or are lost. @param height - of the lowest missing one */
export function chainNotReindexable(height: number): OperationalError {
  return new OperationalError(
    'chain-not-reindexable',
    `The data file does not hold block ${height}, which was pruned or is lost: move the data directory away and start again to download the chain anew.`,
    { height },
  )
}

/** A reindex was stopped before it was done. */
export function reindexInterrupted(): OperationalError {
  return new OperationalError('reindex-interrupted', 'The reindex was stopped; nothing was changed.')
}

/**
 * An index needs blocks that are not there any more.
 *
 * @param title - such as "transaction index"
 * @param option - what switches it on
 * @param height - of the lowest block that is there
 */
export function indexNeedsPrunedBlocks(title: string, option: string, height: number): OperationalError {
  return new OperationalError(
    'index-needs-pruned-blocks',
    `The ${title} needs blocks below height ${height}, which were pruned: leave out ${option}, or move the data directory away and start again to download the chain anew.`,
    { title, height },
  )
}

/** Saving now would lose what is not loaded yet. */
export function mempoolNotLoaded(): OperationalError {
  return new OperationalError(
    'mempool-not-loaded',
    'The mempool was not loaded yet: getmempoolinfo tells when it is.',
  )
}

/** @param reason - a clause */
export function mempoolFileUnusable(file: string, reason: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'mempool-file-unusable',
    `The saved mempool ${file} cannot be used: ${reason}.`,
    { file, reason },
    { cause },
  )
}

/** The disk is full, or refuses for another reason. */
export function mempoolFileUnwritable(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'mempool-file-unwritable',
    `The mempool cannot be saved in ${file}: ${reasonOf(cause)}.`,
    { file },
    { cause },
  )
}

/** What an operator can do about a better branch that cannot be followed. @param height - of its first block */
export function describePrunedFork(height: number): string {
  return `A better branch leaves the chain at height ${height}, where its blocks were pruned, so that this node cannot follow it: move the data directory away and start again to download the chain anew, or refuse the branch with invalidateblock.`
}
