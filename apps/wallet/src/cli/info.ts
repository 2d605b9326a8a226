/** `chain-wallet info`: what is known of a wallet without asking anybody. */
import type { Command } from 'commander'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

export function addInfo(program: Command, surroundings: Surroundings): void {
  program
    .command('info')
    .description('show where the wallet is and what it is made of')
    .action(async (_: object, command: Command) => {
      const context = new WalletContext(command, surroundings)
      const { keyFile } = await context.openWallet()
      const { network, createdAt, birthday, account } = keyFile
      const value = {
        name: context.name,
        network: network.name,
        specId: network.specId,
        directory: context.paths.directory,
        createdAt,
        birthday,
        path: account.path,
        extendedPublicKey: account.extendedPublicKey,
      }
      const lines = Object.entries(value).map(([key, field]) => `${key.padEnd(18)}${field}`)
      context.print(value, lines.join('\n'))
    })
}
