/** `chain-wallet list`: the wallets of a data directory. */
import { ChainError } from '@chain/core/errors'
import type { Command } from 'commander'
import { readKeyFile } from '../keystore/key-file.ts'
import { listWalletNames, walletPaths } from '../wallet-directory.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

/** A wallet, or what is wrong with it. */
type WalletLine =
  | { readonly name: string; readonly network: string; readonly createdAt: string }
  | { readonly name: string; readonly problem: string }

export function addList(program: Command, surroundings: Surroundings): void {
  program
    .command('list')
    .description('list the wallets of the data directory')
    .action((_: object, command: Command) => {
      const context = new WalletContext(command, surroundings)
      const lines = listWalletNames(context.dataDir).flatMap((name) => describe(context.dataDir, name))
      const texts = lines.map((line) =>
        'problem' in line
          ? `${line.name}  ${line.problem}`
          : `${line.name}  ${line.network}  ${line.createdAt}`,
      )
      context.print(
        lines,
        texts.length === 0 ? `There are no wallets in ${context.dataDir}.` : texts.join('\n'),
      )
    })
}

function describe(dataDir: string, name: string): WalletLine[] {
  try {
    const keyFile = readKeyFile(walletPaths(dataDir, name).keyFile)
    if (keyFile === undefined) return []
    return [{ name, network: keyFile.network.name, createdAt: keyFile.createdAt }]
  } catch (error) {
    if (!(error instanceof ChainError)) throw error
    return error.code === 'wallet-name-malformed' ? [] : [{ name, problem: error.message }]
  }
}
