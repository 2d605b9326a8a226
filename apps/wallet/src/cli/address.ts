/** `chain-wallet address`: the next address to receive at; works without peers. `addresses` lists those used before too. */
import type { Command } from 'commander'
import { addressOf } from '../address-of.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

export function addAddress(program: Command, surroundings: Surroundings): void {
  program
    .command('address')
    .description('show the next unused address')
    .action(async (_: object, command: Command) => {
      const context = new WalletContext(command, surroundings)
      const [address] = (await receiveAddresses(context)).reverse()
      context.print({ address }, String(address))
    })
}

/** Also under the tutorials' name `listaddresses`. */
export function addAddresses(program: Command, surroundings: Surroundings): void {
  program
    .command('addresses')
    .alias('listaddresses')
    .description('list the addresses that were used, and the next one')
    .action(async (_: object, command: Command) => {
      const context = new WalletContext(command, surroundings)
      const addresses = await receiveAddresses(context)
      context.print({ addresses }, addresses.join('\n'))
    })
}

/** Used addresses in their order, the next unused one last. */
async function receiveAddresses(context: WalletContext): Promise<string[]> {
  const { account } = await context.openWallet()
  const { index: next } = context.openLedger(account).nextUnused('receive')
  return Array.from({ length: next + 1 }, (_, index) =>
    addressOf(account, { branch: 'receive', index }, context.spec),
  )
}
