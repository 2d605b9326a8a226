/**
 * The data directory of a node: where it is, and what the program keeps in it beside the store.
 *
 *     chain.mdb, lock      the store (`@chain/storage`)
 *     identity.key         the node's private key, hexadecimal; mode 0600 (`identity.ts`)
 *     rpc.cookie           `__cookie__:<64 hex digits>` while the node runs; mode 0600 (`rpc/cookie.ts`)
 *     node.json            `{pid, rpcUrl}` while the node runs; mode 0600 (`rpc/node-file.ts`)
 *
 * Without an option it is `$CHAIN_DATADIR`, else `~/.chain/<network>`; `NODE_ID` appends `-<id>`, so that several nodes
 * live on one machine.
 */
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { OperationalError, reasonOf } from '@chain/core/errors'

/** Mode of data directories: everything for the owner alone. */
const DIRECTORY_MODE = 0o700

/** What decides where the data directory is. */
export interface DataDirOptions {
  /** The `--datadir` option. */
  readonly directory?: string | undefined
  /** Name of the network. */
  readonly network: string
  /** The environment: `CHAIN_DATADIR`, `NODE_ID`. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The absolute path of the data directory; it may not exist yet. */
export function resolveDataDir({ directory, network, environment }: DataDirOptions): string {
  if (directory !== undefined) return resolve(directory)
  const { CHAIN_DATADIR: chosen, NODE_ID: nodeId } = environment
  const base = chosen === undefined || chosen === '' ? join(homedir(), '.chain', network) : resolve(chosen)
  return nodeId === undefined || nodeId === '' ? base : `${base}-${nodeId}`
}

/**
 * Makes the data directory where it does not exist yet.
 *
 * @throws {OperationalError} `data-dir-unusable`
 */
export function makeDataDir(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
  } catch (cause) {
    throw unusable(directory, cause)
  }
}

function unusable(directory: string, cause: unknown): OperationalError {
  return new OperationalError(
    'data-dir-unusable',
    `The data directory ${directory} cannot be made (${reasonOf(cause)}): choose another one with --datadir.`,
    { directory },
    { cause },
  )
}
