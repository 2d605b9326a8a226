/**
 * Where wallets live, and what is in the directory of each.
 *
 *     <data directory>/wallets/<name>/     mode 0700
 *         key.json           the encrypted words (`keystore/`), mode 0600: the one file that cannot be made anew
 *         chain.mdb, lock    headers and known peers (`@chain/storage`)
 *         wallet.db          the wallet's own transactions (`light-client/wallet-store.ts`), mode 0600
 *
 * Not for where the data directory is (`resolveDataDir`).
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { walletNameMalformed } from './errors.ts'

/** The wallet that is used when none is named. */
export const DEFAULT_WALLET = 'default'

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
