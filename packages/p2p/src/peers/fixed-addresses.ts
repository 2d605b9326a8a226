/**
 * Addresses that the operator or the chain spec names: they are dialled for ever, whatever becomes of who is there.
 *
 * Not for when they are dialled (`candidates.ts`). Bound: they come from the operator.
 */
import type { PeerSource } from '../ports.ts'
import { parseAddress, peerIdOf } from './addresses.ts'

/** Where a fixed address comes from. */
export type FixedSource = Extract<PeerSource, 'connect' | 'bootnode'>

/** One of them. */
export interface FixedAddress {
  readonly address: string
  readonly source: FixedSource
  /** Named in the address, learnt by dialling it, or from before: who was last reached there. */
  peerId: string | undefined
  failures: number
  /** Why there was no peer the last time; `undefined` once there was one. */
  why: string | undefined
}

/** An address that the operator or the chain spec names, at which there is no peer. */
export interface NamedTrouble {
  readonly address: string
  readonly source: FixedSource
  /** A clause with who it is about. */
  readonly why: string
}

/** By their text. */
export class FixedAddresses {
  readonly #lastAt: (address: string) => string | undefined
  readonly #byText = new Map<string, FixedAddress>()

  /** @param lastAt - the id of the peer that was last reached at an address */
  constructor(lastAt: (address: string) => string | undefined) {
    this.#lastAt = lastAt
  }

  /** How many there are. */
  get size(): number {
    return this.#byText.size
  }

  /** All of them, in the order in which they were added. */
  list(): FixedAddress[] {
    return [...this.#byText.values()]
  }

  /** The address with this text, or those at which the peer with this id is. */
  of(key: string): FixedAddress[] {
    return this.list().filter(({ address, peerId }) => address === key || peerId === key)
  }

  /**
   * Adds an address; says whether it was not there. Of a bootnode's the operator may make his own.
   *
   * @throws {ConnectError} `address-malformed`
   */
  add(text: string, source: FixedSource): boolean {
    const multiaddr = parseAddress(text)
    const address = multiaddr.toString()
    const there = this.#byText.get(address)
    if (there?.source === 'connect' || there?.source === source) return false
    const peerId = peerIdOf(multiaddr) ?? there?.peerId ?? this.#lastAt(address)
    this.#byText.set(address, { address, source, peerId, failures: 0, why: undefined })
    return true
  }

  /**
   * Takes an address back; says whether it was there.
   *
   * @throws {ConnectError} `address-malformed`
   */
  remove(text: string): boolean {
    return this.#byText.delete(parseAddress(text).toString())
  }

  /** A dial of the address with this text has led to this peer. */
  resolve(text: string, peerId: string): void {
    const fixed = this.#byText.get(text)
    if (fixed !== undefined) fixed.peerId = peerId
  }

  /** Those at which there was no peer the last time, those of the operator first. */
  get troubles(): NamedTrouble[] {
    const troubles = this.list().flatMap(({ address, source, why }) =>
      why === undefined ? [] : { address, source, why },
    )
    return troubles.sort((a, b) => Number(b.source === 'connect') - Number(a.source === 'connect'))
  }
}
