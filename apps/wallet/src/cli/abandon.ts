/** `chain-wallet abandon`: forgets a payment that waits, at the user's own risk; `bump --cancel` has none. */
import { usageError } from '@chain/cli'
import { formatHash, parseHash } from '@chain/core/primitives'
import type { Command } from 'commander'
import { cancelled } from '../errors.ts'
import type { LightClient } from '../light-client/light-client.ts'
import type { Surroundings } from './surroundings.ts'
import { waitingPayment } from './waiting-payment.ts'
import { WalletContext } from './wallet-context.ts'

export function addAbandon(program: Command, surroundings: Surroundings): void {
  program
    .command('abandon')
    .description('forget a payment that waits; it may be mined all the same: bump --cancel is safer')
    .argument('<txid>', 'the payment, as history and send show it')
    .option('--yes', 'do not ask')
    .action((id: string, options: { yes?: boolean }, command: Command) =>
      abandon(new WalletContext(command, surroundings), id, options.yes === true),
    )
}

async function abandon(context: WalletContext, id: string, hasConsent: boolean): Promise<void> {
  const hash = parseHash(id)
  const { person } = context.surroundings
  const risk = `Whoever has seen it can still have it mined, so that two payments are made if you pay again: ${context.commandLine(`bump ${formatHash(hash)} --cancel`)} takes the coins back without that risk.`
  if (!hasConsent && person === undefined) {
    throw usageError(`Nobody can be asked for consent: give --yes to forget the payment. ${risk}`)
  }
  const wallet = await context.openWallet()
  const work = async (client: LightClient): Promise<void> => {
    const entry = waitingPayment(client.ledger, hash, context.name)
    const abandoned = [entry, ...client.ledger.buildingOn(entry)].map(({ txid }) => formatHash(txid))
    const payments = `the payment${abandoned.length === 1 ? '' : 's'} ${abandoned.join(', ')}`
    if (!hasConsent && (await person?.askConsent(`${risk} Forget ${payments}?`)) !== true) {
      throw cancelled('Nothing was forgotten.')
    }
    client.forgetPending(hash)
    context.print({ abandoned }, `Forgot ${payments}; it may be mined all the same.`)
  }
  // What is given up is not sent once more before that.
  await context.withSyncedClient(wallet, work, { resend: false })
}
