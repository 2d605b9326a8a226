/**
 * What is wrong with an address that cannot be listened on, in the words of this program.
 *
 * Works on the texts of errors, because libp2p joins the errors of all its listeners into one text.
 */
import type { OperationalError } from '@chain/core/errors'
import { addressNotLocal, portOccupied } from './errors.ts'

/**
 * The error of ours for a failure to listen, or `undefined` when it is about something else.
 *
 * @param option - the option that chooses the address, such as `--listen`
 */
export function listenError(cause: unknown, option: string): OperationalError | undefined {
  if (!(cause instanceof Error)) return undefined
  const [, code, address] =
    /\b(EADDRINUSE|EADDRNOTAVAIL|EACCES)\b[^\n]*? (\d[\d.]*(?::\d+)?|\S*:\S*)\s*$/m.exec(cause.message) ?? []
  if (address === undefined) return undefined
  if (code !== 'EADDRINUSE') return addressNotLocal(address, option, cause)
  return portOccupied(Number(address.slice(address.lastIndexOf(':') + 1)), address, option)
}
