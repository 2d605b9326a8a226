/** `chain-wallet send`: pays an address. */
import { usageError } from '@chain/cli'
import type { FeeRate } from '@chain/core/mempool'
import { formatHash, type Transaction, txid } from '@chain/core/primitives'
import { parseAddress } from '@chain/core/script'
import { type Amount, formatAmount, parseAmount } from '@chain/core/units'
import { type Account, signPayment, type UnsignedPayment, WalletError } from '@chain/core/wallet'
import type { Command } from 'commander'
import { addressNotOwn, cancelled, paymentRefused, paymentUnanswered } from '../errors.ts'
import type { Ledger } from '../light-client/ledger.ts'
import type { LightClient } from '../light-client/light-client.ts'
import type { Verdict } from '../light-client/submit-payment.ts'
import { planPayment } from '../plan-payment.ts'
import { listWalletNames } from '../wallet-directory.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

interface SendOptions {
  readonly to: string
  readonly amount: string
  readonly from?: string
  readonly feeRate: string
  readonly yes?: boolean
  readonly dryRun?: boolean
}

export function addSend(program: Command, surroundings: Surroundings): void {
  program
    .command('send')
    .description('pay an address; shows amount, fee and change and asks before it signs')
    .requiredOption('--to <address>', 'whom to pay')
    .requiredOption('--amount <coins>', 'how much to pay, such as 0.5')
    .option(
      '--from <wallet|address>',
      'wallet to pay from, or address of the wallet whose coins alone are spent',
    )
    .option('--fee-rate <rate>', 'base units per virtual byte', '2')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show what would be paid, sign and send nothing')
    .action(async (options: SendOptions, command: Command) => {
      const plain = new WalletContext(command, surroundings)
      const isWallet = options.from !== undefined && listWalletNames(plain.dataDir).includes(options.from)
      const context = isWallet ? new WalletContext(command, surroundings, options.from) : plain
      await send(context, options, isWallet ? undefined : options.from)
    })
}

/** @param from - address of the wallet whose coins alone are spent */
async function send(context: WalletContext, options: SendOptions, from: string | undefined): Promise<void> {
  const { spec, surroundings, name } = context
  const script = parseAddress(options.to, spec.addressPrefix)
  const amount = parsePaidAmount(options.amount)
  const feeRate = parseFeeRate(options.feeRate)
  const fromScript = from === undefined ? undefined : parseAddress(from, spec.addressPrefix)
  if (options.yes !== true && options.dryRun !== true && surroundings.person === undefined) {
    throw usageError(
      'Nobody can be asked for consent: give --yes to send, or --dry-run to see what would be paid.',
    )
  }
  const wallet = await context.openWallet()
  const account = options.dryRun === true ? wallet.account : await wallet.unlock()
  await context.withSyncedClient(wallet, async (client) => {
    const { ledger, height } = client
    if (from !== undefined && fromScript !== undefined && ledger.placeOf(fromScript) === undefined) {
      throw addressNotOwn(from, name)
    }
    const payment = planPayment(account, ledger, height, { script, amount, feeRate, from: fromScript })
    const summary = `${formatAmount(amount)} to ${options.to}, fee ${formatAmount(payment.fee)}, change ${formatAmount(changeOf(payment))}`
    if (options.dryRun === true) {
      printResult(context, payment, [], `Would pay ${summary}.`)
      return
    }
    if (options.yes !== true && (await surroundings.person?.askConsent(`Pay ${summary}?`)) !== true) {
      throw cancelled('Nothing was sent.')
    }
    const verdicts = await push(client, sign(account, ledger, payment))
    printResult(context, payment, verdicts, `Paid ${summary}.`)
  })
}

function parsePaidAmount(text: string): Amount {
  const amount = parseAmount(text)
  if (amount === 0n) throw new WalletError('amount-zero', 'The amount to pay must be above 0.')
  return amount
}

/** Base units per virtual byte as text to base units per 1,000. */
function parseFeeRate(text: string): FeeRate {
  const match = /^(\d{1,9})(?:\.(\d{1,3}))?$/.exec(text)
  if (match === null) {
    throw usageError(`"${text}" is not a fee rate such as 2 or 1.5 base units per virtual byte.`)
  }
  const [, whole = '', fraction = ''] = match
  return BigInt(whole) * 1_000n + BigInt(fraction.padEnd(3, '0'))
}

function sign(account: Account, ledger: Ledger, payment: UnsignedPayment): Transaction {
  return signPayment(payment, (script) => {
    const place = ledger.placeOf(script)
    return place === undefined ? undefined : account.privateKey(place)
  })
}

/**
 * Records the payment, hands it to all peers, and forgets it again when everybody who answered refused it.
 *
 * @throws {OperationalError} `payment-refused`, `payment-unanswered`
 */
async function push(client: LightClient, transaction: Transaction): Promise<Verdict[]> {
  client.recordPending(transaction)
  const verdicts = await client.submit(transaction)
  if (verdicts.some(({ status }) => status === 'accepted')) return verdicts
  const id = txid(transaction)
  const failures = verdicts.flatMap((verdict) =>
    verdict.status === 'failed' ? [{ address: verdict.peer.address, reason: verdict.reason }] : [],
  )
  const refusal = verdicts.find((verdict) => verdict.status === 'refused')
  // A peer that said nothing may have taken the payment, so that it must not be forgotten.
  if (refusal === undefined || failures.length > 0) throw paymentUnanswered(formatHash(id), failures)
  client.forgetPending(id)
  throw paymentRefused(refusal.code, refusal.sentence)
}

function changeOf({ transaction, changeIndex }: UnsignedPayment): Amount {
  return changeIndex === undefined ? 0n : (transaction.outputs[changeIndex]?.value ?? 0n)
}

function printResult(
  context: WalletContext,
  payment: UnsignedPayment,
  verdicts: readonly Verdict[],
  headline: string,
): void {
  // A witness does not count for the id, so that an unsigned payment has it already.
  const id = formatHash(txid(payment.transaction))
  const accepted = verdicts.flatMap((verdict) => (verdict.status === 'accepted' ? [verdict.peer.id] : []))
  const refused = verdicts.flatMap((verdict) =>
    verdict.status === 'refused'
      ? [{ peer: verdict.peer.id, code: verdict.code, message: verdict.sentence }]
      : [],
  )
  const value = {
    txid: id,
    fee: formatAmount(payment.fee),
    change: formatAmount(changeOf(payment)),
    accepted,
    refused,
  }
  const lines = verdicts.map((verdict) => `${verdict.peer.id}  ${verdictText(verdict)}`)
  context.print(value, [headline, `txid  ${id}`, ...lines].join('\n'))
}

function verdictText(verdict: Verdict): string {
  if (verdict.status === 'accepted') return 'accepted'
  if (verdict.status === 'refused') return `refused (${verdict.code}): ${verdict.sentence}`
  return `no answer: ${verdict.reason}`
}
