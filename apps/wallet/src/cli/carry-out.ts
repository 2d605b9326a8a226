/** What paying commands have in common once a payment is planned: consent, signing, sending, and the result. */
import { usageError } from '@chain/cli'
import { formatHash, type Transaction, txid } from '@chain/core/primitives'
import { type Amount, formatAmount } from '@chain/core/units'
import { type Account, signPayment, type UnsignedPayment } from '@chain/core/wallet'
import { cancelled, type PeerFailure, paymentRefused, paymentUnanswered, paymentUnsent } from '../errors.ts'
import type { Ledger, LedgerEntry } from '../light-client/ledger.ts'
import type { LightClient } from '../light-client/light-client.ts'
import type { Verdict } from '../light-client/submit-payment.ts'
import type { WalletContext } from './wallet-context.ts'

/** Options of every paying command. */
export interface ConsentOptions {
  readonly yes?: boolean
  readonly dryRun?: boolean
}

/** A planned payment, and how people are told of it. */
export interface Proposal {
  readonly payment: UnsignedPayment
  /** The waiting payment whose place it takes. */
  readonly replaced?: LedgerEntry
  readonly question: string
  /** First line of the result of a dry run. */
  readonly planned: string
  /** First line of the result. */
  readonly done: string
}

/** Checks that consent is given, is not needed, or can be asked for. @throws {OperationalError} `usage` */
export function expectConsent({ surroundings }: WalletContext, { yes, dryRun }: ConsentOptions): void {
  if (yes === true || dryRun === true || surroundings.person !== undefined) return
  throw usageError(
    'Nobody can be asked for consent: give --yes to send, or --dry-run to see what would be paid.',
  )
}

/** Asks for consent where it is not given, signs, sends and prints; a dry run prints alone. */
export async function carryOut(
  context: WalletContext,
  client: LightClient,
  account: Account,
  proposal: Proposal,
  { yes, dryRun }: ConsentOptions,
): Promise<void> {
  if (dryRun === true) {
    printPayment(context, proposal, [], proposal.planned)
    return
  }
  if (yes !== true && (await context.surroundings.person?.askConsent(proposal.question)) !== true) {
    throw cancelled('Nothing was sent.')
  }
  const transaction = sign(account, client.ledger, proposal.payment)
  const verdicts = await push(context, client, transaction, proposal.replaced)
  printPayment(context, proposal, verdicts, proposal.done)
}

/** What comes back to the wallet. */
export function changeOf({ transaction, changeIndex }: UnsignedPayment): Amount {
  return changeIndex === undefined ? 0n : (transaction.outputs[changeIndex]?.value ?? 0n)
}

function sign(account: Account, ledger: Ledger, payment: UnsignedPayment): Transaction {
  return signPayment(payment, (script) => {
    const place = ledger.placeOf(script)
    return place === undefined ? undefined : account.privateKey(place)
  })
}

/**
 * Records the payment and hands it to all peers. From then on it is not forgotten, whatever they say: peers that refuse
 * it can still have it mined, after the user has paid again from other coins.
 *
 * @throws {OperationalError} `payment-refused`, `payment-unanswered`, `payment-unsent`
 */
async function push(
  context: WalletContext,
  client: LightClient,
  transaction: Transaction,
  replaced: LedgerEntry | undefined,
): Promise<readonly Verdict[]> {
  const id = txid(transaction)
  if (replaced === undefined) client.recordPending(transaction)
  else client.replacePending(replaced.txid, transaction)
  const verdicts = await client.submit(transaction)
  if (verdicts.some(({ status }) => status === 'accepted')) return verdicts
  if (verdicts.every((verdict) => verdict.status === 'failed' && !verdict.handed)) {
    if (replaced === undefined) client.forgetPending(id)
    else client.replacePending(id, replaced.transaction)
    throw paymentUnsent(failuresOf(verdicts))
  }
  const [first] = verdicts
  const isRefused = verdicts.every(({ status }) => status === 'refused')
  if (!isRefused || first?.status !== 'refused') throw paymentUnanswered(formatHash(id), failuresOf(verdicts))
  const bump = context.commandLine(`bump ${formatHash(id)}`)
  throw paymentRefused(formatHash(id), first.code, first.sentence, bump)
}

function failuresOf(verdicts: readonly Verdict[]): PeerFailure[] {
  return verdicts.map((verdict) => ({ address: verdict.peer.address, reason: verdictText(verdict) }))
}

function printPayment(
  context: WalletContext,
  { payment, replaced }: Proposal,
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
    ...(replaced === undefined ? {} : { replaced: formatHash(replaced.txid) }),
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
