/** `chain-wallet send`: pays an address. */
import { type Bytes, equalBytes } from '@chain/core/bytes'
import { formatHash } from '@chain/core/primitives'
import { parseAddress } from '@chain/core/script'
import { type Amount, formatAmount, parseAmount } from '@chain/core/units'
import { type UnsignedPayment, WalletError } from '@chain/core/wallet'
import type { Command } from 'commander'
import { addressNotOwn } from '../errors.ts'
import type { Ledger } from '../light-client/ledger.ts'
import { planPayment } from '../plan-payment.ts'
import { listWalletNames } from '../wallet-directory.ts'
import { type ConsentOptions, carryOut, changeOf, expectConsent, type Proposal } from './carry-out.ts'
import { addFeeOptions, type FeeOptions, parseFeeOptions, withinMaxFee } from './fee-options.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

interface SendOptions extends ConsentOptions, FeeOptions {
  readonly to: string
  readonly amount: string
  readonly from?: string
}

export function addSend(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('send')
    .description('pay an address; shows amount, fee and change and asks before it signs')
    .requiredOption('--to <address>', 'whom to pay')
    .requiredOption('--amount <coins>', 'how much to pay, such as 0.5')
    .option(
      '--from <wallet|address>',
      'wallet to pay from, or address of the wallet whose coins alone are spent',
    )
  addFeeOptions(command, 'base units per virtual byte')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show what would be paid, sign and send nothing')
    .action(async (options: SendOptions, send: Command) => {
      const plain = new WalletContext(send, surroundings)
      const isWallet = options.from !== undefined && listWalletNames(plain.dataDir).includes(options.from)
      const context = isWallet ? new WalletContext(send, surroundings, options.from) : plain
      await pay(context, options, isWallet ? undefined : options.from)
    })
}

/** @param from - address of the wallet whose coins alone are spent */
async function pay(context: WalletContext, options: SendOptions, from: string | undefined): Promise<void> {
  const { spec, name } = context
  const script = parseAddress(options.to, spec.addressPrefix)
  const amount = parsePaidAmount(options.amount)
  const fees = parseFeeOptions(options)
  const fromScript = from === undefined ? undefined : parseAddress(from, spec.addressPrefix)
  expectConsent(context, options)
  const wallet = await context.openWallet()
  const account = options.dryRun === true ? wallet.account : await wallet.unlock()
  await context.withSyncedClient(wallet, async (client) => {
    const { ledger, height } = client
    if (from !== undefined && fromScript !== undefined && ledger.placeOf(fromScript) === undefined) {
      throw addressNotOwn(from, name)
    }
    const refused = client.refusals.map(({ txid }) => txid)
    const plan = { ...fees, script, amount, from: fromScript, refused }
    const payment = withinMaxFee(fees.maxFee, () => planPayment(account, ledger, height, plan))
    warnOfTwin(context, ledger, script, amount)
    await carryOut(context, client, account, proposalOf(payment, amount, options.to), options)
  })
}

function parsePaidAmount(text: string): Amount {
  const amount = parseAmount(text)
  if (amount === 0n) throw new WalletError('amount-zero', 'The amount to pay must be above 0.')
  return amount
}

/** Who pays again because the first payment was refused, or takes its time, pays twice. */
function warnOfTwin(context: WalletContext, ledger: Ledger, script: Bytes, amount: Amount): void {
  const twin = ledger
    .pending()
    .find(({ transaction }) =>
      transaction.outputs.some(
        ({ value, scriptPubKey }) => value === amount && equalBytes(scriptPubKey, script),
      ),
    )
  if (twin === undefined) return
  const id = formatHash(twin.txid)
  context.warn(
    `A payment of the same amount to the same address waits already (${id}): this one is made in addition, ${context.commandLine(`bump ${id}`)} replaces it.`,
  )
}

function proposalOf(payment: UnsignedPayment, amount: Amount, to: string): Proposal {
  const summary = `${formatAmount(amount)} to ${to}, fee ${formatAmount(payment.fee)}, change ${formatAmount(changeOf(payment))}`
  return {
    payment,
    question: `Pay ${summary}?`,
    planned: `Would pay ${summary}.`,
    done: `Paid ${summary}.`,
  }
}
