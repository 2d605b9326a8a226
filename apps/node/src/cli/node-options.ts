/**
 * The options of every command that works on a data directory, and the node that runs there.
 */
import { DEFAULT_NETWORK, loadChainSpec, resolveDataDir, usageError } from '@chain/cli'
import type { ChainSpec } from '@chain/core/consensus'
import type { Command } from 'commander'

/** What {@link addNodeOptions} reads. */
export interface NodeOptions {
  readonly network?: string
  readonly datadir?: string
  readonly json?: boolean
}

/** Adds `--network`, `--datadir` and `--json`. */
export function addNodeOptions(command: Command): Command {
  return command
    .option('--network <name|file>', `main, dev, regtest, or a chain spec file (default: ${DEFAULT_NETWORK})`)
    .option('--datadir <directory>', 'data directory (default: $CHAIN_DATADIR or ~/.chain/<network>)')
    .option('--json', 'print exactly one JSON value')
}

/** The network and the data directory that the options and the environment name. */
export function locate(options: NodeOptions): { readonly spec: ChainSpec; readonly dataDir: string } {
  const spec = loadChainSpec(options.network ?? DEFAULT_NETWORK)
  const directory = options.datadir
  return { spec, dataDir: resolveDataDir({ directory, network: spec.name, environment: process.env }) }
}

/**
 * The value of an option that has a second name.
 *
 * @throws {OperationalError} `usage` when both are given and say different things
 */
export function oneOf<Value>(
  [name, value]: readonly [name: string, value: Value | undefined],
  [alias, other]: readonly [alias: string, value: Value | undefined],
): Value | undefined {
  if (value === undefined || other === undefined || value === other) return value ?? other
  throw usageError(`The options ${name} and ${alias} are the same one: give it once.`)
}
