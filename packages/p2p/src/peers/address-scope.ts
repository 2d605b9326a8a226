/**
 * From where an address can be reached, so that nobody is told, and nobody keeps, what is of no use to him.
 *
 * A loopback address leads to whoever dials it, and a private one to another machine in each network: told beyond, they
 * cost dials, and say more about a network than its members want to say. Pure.
 *
 * Source: docs/protocol/peers.md#addresses
 */
import { isLoopback, isPrivate } from '@libp2p/utils'
import {
  CODE_DNS,
  CODE_DNS4,
  CODE_DNS6,
  CODE_DNSADDR,
  CODE_IP4,
  CODE_IP6,
  CODE_P2P_CIRCUIT,
  CODE_TCP,
  type Multiaddr,
  multiaddr,
} from '@multiformats/multiaddr'
import { ipOf, networkOf } from './addresses.ts'

/** The same machine; the same local network; everywhere. */
export type AddressScope = 'loopback' | 'private' | 'public'

const reach: Readonly<Record<AddressScope, number>> = { loopback: 0, private: 1, public: 2 }

const nameCodes: ReadonlySet<number> = new Set([CODE_DNS, CODE_DNS4, CODE_DNS6, CODE_DNSADDR])

/** The scope of an address, or `undefined` when nobody can be dialled there. A name counts as public. */
export function scopeOf(address: Multiaddr): AddressScope | undefined {
  const parts = address.getComponents()
  const [first] = parts
  if (first === undefined || parts.some(({ code }) => code === CODE_P2P_CIRCUIT)) return undefined
  if (nameCodes.has(first.code)) return first.value === 'localhost' ? 'loopback' : 'public'
  const isIp = first.code === CODE_IP4 || first.code === CODE_IP6
  if (!isIp || !parts.some(({ code }) => code === CODE_TCP) || isNobody(first.value ?? '')) return undefined
  if (isLoopback(address)) return 'loopback'
  return isPrivate(address) ? 'private' : 'public'
}

/** Whether somebody who is connected to us from, or at, an address of scope `from` can use the address. */
export function isUsableFrom(address: Multiaddr, from: AddressScope): boolean {
  const scope = scopeOf(address)
  return scope !== undefined && reach[scope] >= reach[from]
}

/** Those of the addresses that are of use to, or can be believed of, somebody at an address of scope `from`. */
export function usableFrom(addresses: readonly Multiaddr[], from: AddressScope): Multiaddr[] {
  return addresses.filter((address) => isUsableFrom(address, from))
}

/** What a node wants to announce beside its public addresses. */
export interface AnnouncePolicy {
  /** Addresses of this machine alone. */
  readonly loopback: boolean
  /** Those of the local network although there are public ones; without public ones they are always announced. */
  readonly private: boolean
}

/** Those of a node's own addresses that it announces. */
export function announcedAddresses(addresses: readonly Multiaddr[], policy: AnnouncePolicy): Multiaddr[] {
  const isPublic = (address: Multiaddr): boolean => scopeOf(address) === 'public'
  const hidesPrivate = !policy.private && addresses.some(isPublic)
  return addresses.filter((address) => {
    if (isLoopback(address)) return policy.loopback
    return !hidesPrivate || scopeOf(address) !== 'private'
  })
}

/**
 * Whether a node at the addresses `own` follows somebody who names an address of a third party: to public ones, and to private
 * and loopback ones only where its network has such peers. Otherwise strangers could make it dial into its own network.
 */
export function isFollowed(address: Multiaddr, own: readonly Multiaddr[], policy: AnnouncePolicy): boolean {
  const scope = scopeOf(address)
  if (scope === 'private') return policy.private || !own.some((each) => scopeOf(each) === 'public')
  return scope === 'public' || (scope === 'loopback' && policy.loopback)
}

/** The public networks (16 bits of IPv4, 32 of IPv6) that addresses lead to; none for loopback, private ones and names. */
export function publicNetworks(addresses: readonly (string | Multiaddr)[]): string[] {
  const networks = addresses.flatMap((each) => {
    const address = typeof each === 'string' ? multiaddr(each) : each
    const ip = ipOf(address)
    return ip === undefined || scopeOf(address) !== 'public' ? [] : [networkOf(ip)]
  })
  return [...new Set(networks)]
}

/** Unspecified, multicast and broadcast addresses. */
function isNobody(ip: string): boolean {
  if (ip.includes(':')) return ip === '::' || ip.toLowerCase().startsWith('ff')
  const first = Number(ip.split('.')[0])
  return first === 0 || first >= 224
}
