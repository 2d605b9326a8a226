/**
 * Reads the values of options: each parser gives the value or tells in one sentence what it must be.
 *
 * Not for multiaddrs (`address-parsers.ts`), whose library most commands do without.
 */
import { isIP } from 'node:net'
import { InvalidArgumentError } from 'commander'
import { DEFAULT_METRICS_ADDRESS, type MetricsAddress } from '../metrics/metrics-address.ts'

const MAX_PORT = 65_535

/** A parser of whole numbers from `least` to `most`. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    const isWhole = /^-?\d{1,16}$/.test(text) && !Object.is(value, -0)
    if (isWhole && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }
}

/** A port to listen on; 0 picks a free one. */
export const port: (text: string) => number = integer(0, MAX_PORT)

/** An IP address. */
export function ipAddress(text: string): string {
  if (isIP(text) !== 0) return text
  throw new InvalidArgumentError('It must be an IP address such as 127.0.0.1.')
}

/** An IP address and a port, such as `127.0.0.1:9464`, or a port alone. */
export function metricsAddress(text: string): MetricsAddress {
  const [, v6, v4, digits] = /^(?:\[([0-9a-f:.]+)\]:|([\d.]+):)?(\d{1,5})$/i.exec(text) ?? []
  const bind = v6 ?? v4 ?? DEFAULT_METRICS_ADDRESS.bind
  if (digits === undefined || isIP(bind) === 0 || Number(digits) > MAX_PORT) {
    throw new InvalidArgumentError('It must be an IP address and a port such as 127.0.0.1:9464, or a port.')
  }
  return { bind, port: Number(digits) }
}

/** A name under which nodes look for each other. */
export function rendezvousName(text: string): string {
  if (/^[\x20-\x7e]{1,100}$/.test(text)) return text
  throw new InvalidArgumentError('It must be 1 to 100 printable ASCII characters.')
}
