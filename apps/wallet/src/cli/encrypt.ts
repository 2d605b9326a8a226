/** `chain-wallet encrypt`: changes the passphrase. */
import type { Command } from 'commander'
import { changePassphrase } from '../keystore/keystore.ts'
import { askNewPassphrase, askPassphrase, givenPassphrase } from './passphrase.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

export function addEncrypt(program: Command, surroundings: Surroundings): void {
  program
    .command('encrypt')
    .description('encrypt the words under another passphrase')
    .option('--new-passphrase-file <file>', 'file that holds the new passphrase; it is asked for without it')
    .action(async (options: { newPassphraseFile?: string }, command: Command) => {
      const context = new WalletContext(command, surroundings)
      const { name, paths } = context
      const { keyFile } = await context.openWallet()
      const passphrase = context.givenPassphrase() ?? (await askPassphrase(name, surroundings))
      const newPassphrase =
        givenPassphrase(options.newPassphraseFile, { environment: {} }) ??
        (await askNewPassphrase(name, surroundings))
      await changePassphrase({ file: paths.keyFile, keyFile, name, passphrase, newPassphrase })
      context.print({ name }, `The wallet "${name}" has a new passphrase.`)
    })
}
