/** `chain-wallet history`: what the wallet paid and was paid. */
import { formatHash } from '@chain/core/primitives'
import { formatAmount } from '@chain/core/units'
import type { Command } from 'commander'
import type { HistoryLine } from '../light-client/ledger.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

/** A line as scripts see it; without height while the transaction waits. */
interface HistoryValue {
  readonly txid: string
  readonly amount: string
  readonly fee?: string
  readonly height?: number
  readonly confirmations: number
  /** Unix time. */
  readonly time: number
}

export function addHistory(program: Command, surroundings: Surroundings): void {
  program
    .command('history')
    .description('list the transactions of the wallet, the newest first')
    .action(async (_: object, command: Command) => {
      const context = new WalletContext(command, surroundings)
      const wallet = await context.openWallet()
      const values = await context.withSyncedClient(wallet, ({ ledger, height }) =>
        Promise.resolve(ledger.history().map((line) => lineOf(line, height))),
      )
      context.print(
        values,
        values.length === 0 ? 'There are no transactions yet.' : values.map(textOf).join('\n'),
      )
    })
}

function lineOf({ txid, amount, fee, mined, time }: HistoryLine, tip: number): HistoryValue {
  return {
    txid: formatHash(txid),
    amount: formatAmount(amount),
    ...(fee === undefined ? {} : { fee: formatAmount(fee) }),
    ...(mined === undefined ? {} : { height: mined.height }),
    confirmations: mined === undefined ? 0 : tip - mined.height + 1,
    time,
  }
}

function textOf({ txid, amount, height, time }: HistoryValue): string {
  const date = new Date(time * 1_000).toISOString().slice(0, 16).replace('T', ' ')
  const place = height === undefined ? 'waiting' : `block ${height}`
  return `${date}  ${amount.padStart(18)}  ${place.padEnd(14)}  ${txid}`
}
