/**
 * `chain-wallet bump`: replaces a payment that waits by one with a higher fee, or by one to the wallet itself. Both spend
 * the same coins, so that never both are mined.
 */
import { formatHash, parseHash } from '@chain/core/primitives'
import { formatAmount } from '@chain/core/units'
import type { UnsignedPayment } from '@chain/core/wallet'
import type { Command } from 'commander'
import type { LedgerEntry } from '../light-client/ledger.ts'
import type { LightClient } from '../light-client/light-client.ts'
import { planReplacement } from '../plan-replacement.ts'
import { type ConsentOptions, carryOut, changeOf, expectConsent, type Proposal } from './carry-out.ts'
import { addFeeOptions, type FeeOptions, parseFeeOptions, withinMaxFee } from './fee-options.ts'
import type { Surroundings } from './surroundings.ts'
import { waitingPayment } from './waiting-payment.ts'
import { WalletContext } from './wallet-context.ts'

interface BumpOptions extends ConsentOptions, FeeOptions {
  readonly cancel?: boolean
}

export function addBump(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('bump')
    .description('replace a payment that waits by one with a higher fee; never both are mined')
    .argument('<txid>', 'the payment, as history and send show it')
    .option('--cancel', 'pay nobody: the coins come back to the wallet')
  addFeeOptions(command, 'at least so many base units per virtual byte')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show what would be paid, sign and send nothing')
    .action((id: string, options: BumpOptions, bump: Command) =>
      replace(new WalletContext(bump, surroundings), id, options),
    )
}

async function replace(context: WalletContext, id: string, options: BumpOptions): Promise<void> {
  const hash = parseHash(id)
  const fees = parseFeeOptions(options)
  expectConsent(context, options)
  const cancel = options.cancel === true
  const wallet = await context.openWallet()
  const account = options.dryRun === true ? wallet.account : await wallet.unlock()
  const work = async (client: LightClient): Promise<void> => {
    const { ledger, height } = client
    const replaced = waitingPayment(ledger, hash, context.name)
    const payment = withinMaxFee(fees.maxFee, () =>
      planReplacement(account, ledger, height, replaced, { ...fees, cancel }),
    )
    await carryOut(context, client, account, proposalOf(replaced, payment, cancel), options)
  }
  // The payment that is replaced is not sent once more before that.
  await context.withSyncedClient(wallet, work, { resend: false })
}

function proposalOf(replaced: LedgerEntry, payment: UnsignedPayment, cancel: boolean): Proposal {
  const kind = cancel ? 'one to this wallet' : 'one to the same address'
  const fee = formatAmount(payment.fee)
  const change = formatAmount(changeOf(payment))
  const summary = `${formatHash(replaced.txid)} by ${kind}, fee ${fee}, change ${change}`
  return {
    payment,
    replaced,
    question: `Replace ${summary}?`,
    planned: `Would replace ${summary}.`,
    done: `Replaced ${summary}.`,
  }
}
