/**
 * Where wallets live, and what is in the directory of each.
 *
 *     <data directory>/wallets/<name>/     mode 0700
 *         key.json           the encrypted words (`keystore/`), mode 0600: the one file that cannot be made anew
 *         chain.mdb, lock    headers and known peers (`@chain/storage`)
 *         wallet.db          the wallet's own transactions (`light-client/wallet-store.ts`), mode 0600
 *
 * The data directory is `--datadir`, else `$CHAIN_DATADIR`, else `~/.chain/<network>`, the same as the node's, so that
 * one directory can hold both; `NODE_ID` appends `-<id>` where no option names it.
 */
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { walletNameMalformed } from './errors.ts'

/** The wallet that is used when none is named. */
export const DEFAULT_WALLET = 'default'

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

/** The paths of one wallet. */
export interface WalletPaths {
  readonly directory: string
  readonly keyFile: string
  readonly database: string
}

/**
 * The paths of a wallet; they may not exist yet.
 *
 * @throws {OperationalError} `wallet-name-malformed`
 */
export function walletPaths(dataDir: string, name: string): WalletPaths {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) throw walletNameMalformed(name)
  const directory = join(dataDir, 'wallets', name)
  return { directory, keyFile: join(directory, 'key.json'), database: join(directory, 'wallet.db') }
}

/** Names of the folders of a data directory that wallets may be in, sorted. */
export function listWalletNames(dataDir: string): string[] {
  try {
    const entries = readdirSync(join(dataDir, 'wallets'), { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
