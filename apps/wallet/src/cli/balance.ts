/** `chain-wallet balance`: what the wallet has. Alias of the tutorials: `getbalance --address A`. */
import { parseAddress } from '@chain/core/script'
import { formatAmount } from '@chain/core/units'
import type { Command } from 'commander'
import { addressNotOwn } from '../errors.ts'
import type { Balance, Ledger } from '../light-client/ledger.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

export function addBalance(program: Command, surroundings: Surroundings): void {
  program
    .command('balance')
    .alias('getbalance')
    .description('show the balance, after following the chain to its end')
    .option('--address <address>', 'count only the coins of one address of the wallet')
    .action(async (options: { address?: string }, command: Command) => {
      const context = new WalletContext(command, surroundings)
      const { address } = options
      const script = address === undefined ? undefined : parseAddress(address, context.spec.addressPrefix)
      const wallet = await context.openWallet()
      const balance = await context.withSyncedClient(wallet, ({ ledger, height }) => {
        if (address !== undefined) expectOwn(ledger, address, script, context.name)
        // Newcomers look right after somebody has paid them.
        if (ledger.history().length === 0) context.warn('A payment shows here once a block holds it.')
        return Promise.resolve(ledger.balance(height, script))
      })
      printBalance(context, balance)
    })
}

function expectOwn(ledger: Ledger, address: string, script: Uint8Array | undefined, name: string): void {
  if (script === undefined || ledger.placeOf(script) === undefined) throw addressNotOwn(address, name)
}

function printBalance(context: WalletContext, { confirmed, pending, immature }: Balance): void {
  const value = {
    confirmed: formatAmount(confirmed),
    pending: formatAmount(pending),
    immature: formatAmount(immature),
    total: formatAmount(confirmed + pending + immature),
  }
  const width = Math.max(...Object.values(value).map(({ length }) => length))
  const lines = Object.entries(value).map(([key, amount]) => `${key.padEnd(10)} ${amount.padStart(width)}`)
  context.print(value, lines.join('\n'))
}
