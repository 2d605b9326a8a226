/**
 * Makes a node on a public address known there: libp2p announces a public address that it listens on only when others have
 * verified it, by a protocol that this node does not speak, so that a server would be found by nobody.
 *
 * What the machine's own interfaces have is taken at its word, as Bitcoin Core does; an address behind a translator is not
 * among them and has to be announced by the operator.
 *
 * Source: docs/protocol/peers.md#addresses
 */
import type { Startable, TypedEventTarget } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { scopeOf } from '../peers/address-scope.ts'
import { hostLimits } from './host-limits.ts'

/** The parts of a host that it works with. */
export interface PublicAddressesComponents {
  readonly events: TypedEventTarget<{ 'transport:listening': CustomEvent }>
  readonly addressManager: {
    confirmObservedAddr(address: Multiaddr, options: { readonly type: 'transport' }): void
  }
  readonly transportManager: { getAddrs(): Multiaddr[] }
}

/** A service of a libp2p host; it looks again now and then, since addresses change. */
export class PublicAddresses implements Startable {
  readonly #components: PublicAddressesComponents
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(components: PublicAddressesComponents) {
    this.#components = components
  }

  start(): void {
    this.#components.events.addEventListener('transport:listening', this.#confirm)
    this.#timer = setInterval(this.#confirm, hostLimits.addressInterval)
  }

  stop(): void {
    this.#components.events.removeEventListener('transport:listening', this.#confirm)
    clearInterval(this.#timer)
  }

  readonly #confirm = (): void => {
    const { addressManager, transportManager } = this.#components
    for (const address of transportManager.getAddrs()) {
      if (scopeOf(address) === 'public') addressManager.confirmObservedAddr(address, { type: 'transport' })
    }
  }
}
