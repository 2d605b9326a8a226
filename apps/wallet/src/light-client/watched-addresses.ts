/**
 * The addresses of an account that may hold coins of the wallet: each branch is watched up to {@link GAP_LIMIT} addresses beyond
 * the last one used.
 *
 * Source: BIP44, "Address gap limit"
 */
import { type Bytes, bytesKey } from '@chain/core/bytes'
import type { Account, KeyBranch, KeyPlace } from '@chain/core/wallet'

/** How many addresses in a row may be unused before no more are looked for. */
export const GAP_LIMIT = 20

const branches: readonly KeyBranch[] = ['receive', 'change']

/** Bounded by the addresses used and the gap limit. */
export class WatchedAddresses {
  readonly #account: Account
  readonly #onWatched: (place: KeyPlace, script: Bytes) => void
  /** By script. */
  readonly #places = new Map<string, KeyPlace>()
  readonly #watched: Record<KeyBranch, number> = { receive: 0, change: 0 }
  readonly #used: Record<KeyBranch, number> = { receive: 0, change: 0 }

  /** @param onWatched - told of each address that comes into view, from now on; it may {@link use} it */
  constructor(account: Account, onWatched: (place: KeyPlace, script: Bytes) => void) {
    this.#account = account
    this.#onWatched = onWatched
    for (const branch of branches) this.#watch(branch)
  }

  /** How many there are; never less than before. */
  get size(): number {
    return this.#places.size
  }

  /** The key that opens a script, when its address is watched. */
  placeOf(script: Bytes): KeyPlace | undefined {
    return this.#places.get(bytesKey(script))
  }

  /** The output scripts of all of them. */
  scripts(): Bytes[] {
    return [...this.#places.values()].map((place) => this.#account.script(place))
  }

  /** The first address of a branch that comes after all used ones. */
  nextUnused(branch: KeyBranch): KeyPlace {
    return { branch, index: this.#used[branch] }
  }

  /** A watched address was paid. */
  use({ branch, index }: KeyPlace): void {
    if (index < this.#used[branch]) return
    this.#used[branch] = index + 1
    this.#watch(branch)
  }

  #watch(branch: KeyBranch): void {
    while (this.#watched[branch] < this.#used[branch] + GAP_LIMIT) {
      const place = { branch, index: this.#watched[branch] }
      const script = this.#account.script(place)
      this.#places.set(bytesKey(script), place)
      this.#watched[branch] += 1
      this.#onWatched(place, script)
    }
  }
}
