/**
 * What a node serves, as Bitcoin Core shows it.
 *
 * Source: Bitcoin Core, `serviceFlagsToStr`
 */
import { serviceFlags } from '@chain/wire'

const names = [
  [serviceFlags.fullBlocks, 'NETWORK'],
  [serviceFlags.pruned, 'NETWORK_LIMITED'],
  [serviceFlags.lightClients, 'COMPACT_FILTERS'],
] as const

/** The names of the flags in a bit set, those without a name left out. */
export function serviceNames(services: number): string[] {
  return names.flatMap(([flag, name]) => ((services & flag) === 0 ? [] : name))
}

/** A bit set as 16 hexadecimal digits. */
export function servicesHex(services: number): string {
  return services.toString(16).padStart(16, '0')
}
