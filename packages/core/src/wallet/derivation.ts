/**
 * Keys of a wallet: one account of a tree of keys that grows from one seed.
 *
 *     m / 84' / coin type' / 0' / branch / index        branch 0: addresses to receive, 1: addresses for change
 *
 * Not for words: turning BIP39 words into a seed is for the program that asks people for them.
 *
 * Source: BIP32; BIP44; BIP84; docs/protocol/addresses.md#keys
 */
import { HDKey } from '@scure/bip32'
import { abbreviate, type Bytes } from '../bytes/index.ts'
import { type ChainSpec, loadNetwork } from '../consensus/index.ts'
import { hash160 } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import { p2wpkhScript } from '../script/index.ts'
import { WalletError } from './errors.ts'

/** Addresses to give away (`receive`) and addresses that a payment's change goes back to (`change`). */
export type KeyBranch = 'receive' | 'change'

/** Where a key stands in its account. */
export interface KeyPlace {
  readonly branch: KeyBranch
  /** 0 to 2^31 - 1. */
  readonly index: number
}

/** Coin type of every network that is for tests. Source: SLIP-44. */
const TEST_COIN_TYPE = 1

/** Coin type of `main`: "chn" in ASCII, a number that SLIP-44 has given to nobody. */
const MAIN_COIN_TYPE = 0x63686e

/** The coin type in the key paths of a network: 6,514,798 for `main`, 1 for all others. */
export function coinTypeOf(spec: ChainSpec): number {
  return spec.id === loadNetwork('main').id ? MAIN_COIN_TYPE : TEST_COIN_TYPE
}

/** The path of an account's key, such as `m/84'/1'/0'`. */
export function accountPath(coinType: number): string {
  return `m/84'/${coinType}'/0'`
}

/** The keys of one account; with private keys when it was made from a seed, without when from a public key. */
export class Account {
  readonly #branches: Readonly<Record<KeyBranch, HDKey>>
  /** Scripts by place, since deriving one takes about half a millisecond. Bounded by the places that were asked for. */
  readonly #scripts = new Map<string, Uint8Array>()
  /** The account's extended public key as BIP32 writes it (`xpub…`): whoever has it sees all addresses. */
  readonly extendedPublicKey: string

  private constructor(key: HDKey) {
    this.#branches = { receive: key.deriveChild(0), change: key.deriveChild(1) }
    this.extendedPublicKey = key.publicExtendedKey
  }

  /**
   * The account of a seed.
   *
   * @param seed - 16 to 64 bytes; BIP39 yields 64
   * @param coinType - from {@link coinTypeOf}
   */
  static fromSeed(seed: Bytes, coinType: number): Account {
    invariant(seed.length >= 16 && seed.length <= 64, 'A seed has 16 to 64 bytes.')
    return new Account(HDKey.fromMasterSeed(seed).derive(accountPath(coinType)))
  }

  /**
   * The account without its private keys.
   *
   * @throws {WalletError} `extended-key-malformed`
   */
  static fromExtendedPublicKey(text: string): Account {
    try {
      const key = HDKey.fromExtendedKey(text)
      if (key.privateKey === null) return new Account(key)
    } catch (cause) {
      throw malformedKey(text, { cause })
    }
    throw malformedKey('xprv…')
  }

  /** The compressed public key at a place: 33 bytes. */
  publicKey(place: KeyPlace): Uint8Array {
    const { publicKey } = this.#child(place)
    invariant(publicKey !== null, 'A derived key has a public key.')
    return publicKey
  }

  /** The private key at a place (32 bytes), or `undefined` when the account has none. */
  privateKey(place: KeyPlace): Uint8Array | undefined {
    return this.#child(place).privateKey ?? undefined
  }

  /** The output script (P2WPKH) that the key at a place opens. */
  script(place: KeyPlace): Uint8Array {
    const name = `${place.branch} ${place.index}`
    let script = this.#scripts.get(name)
    if (script === undefined) {
      script = p2wpkhScript(hash160(this.publicKey(place)))
      this.#scripts.set(name, script)
    }
    return script
  }

  #child({ branch, index }: KeyPlace): HDKey {
    return this.#branches[branch].deriveChild(index)
  }
}

function malformedKey(text: string, options?: ErrorOptions): WalletError {
  const message = `"${abbreviate(text, 20)}" is not an extended public key.`
  return new WalletError('extended-key-malformed', message, {}, options)
}
