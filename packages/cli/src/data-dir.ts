/**
 * Where data lives: `--datadir`, else `$CHAIN_DATADIR`, else `~/.chain/<network>`, the same for node and wallet, so that
 * one directory can hold both.
 *
 * Where no option names the directory, `NODE_ID` appends `-<id>`, so that several nodes live on one machine.
 */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What decides where the data directory is. */
export interface DataDirOptions {
  /** The `--datadir` option. */
  readonly directory?: string | undefined
  /** Name of the network. */
  readonly network: string
  /** `CHAIN_DATADIR` and `NODE_ID` count. */
  readonly environment: Environment
}

/** The absolute path of the data directory; it may not exist yet. */
export function resolveDataDir({ directory, network, environment }: DataDirOptions): string {
  if (directory !== undefined) return resolve(directory)
  const { CHAIN_DATADIR: chosen = '', NODE_ID: nodeId = '' } = environment
  const base = chosen === '' ? join(homedir(), '.chain', network) : resolve(chosen)
  return nodeId === '' ? base : `${base}-${nodeId}`
}
