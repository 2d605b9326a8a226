/**
 * Keys of a wallet: one account of a tree of keys that grows from one seed.
 *
 *     m / purpose' / coin type' / 0' / branch / index   branch 0: addresses to receive, 1: addresses for change
 *
 * The purpose says which outputs the keys open: 84 those to the hash of a key (P2WPKH), 86 taproot outputs by the key path.
 *
 * Not for words: turning BIP39 words into a seed is for the program that asks people for them.
 *
 * Source: BIP32; BIP44; BIP84; BIP86; docs/protocol/addresses.md#keys
 */
import { HDKey } from '@scure/bip32'
import { abbreviate, type Bytes } from '../bytes/index.ts'
import { type ChainSpec, loadNetwork } from '../consensus/index.ts'
import { hash160, tweakPublicKey } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import { p2trScript, p2wpkhScript } from '../script/index.ts'
import { WalletError } from './errors.ts'

/** Addresses to give away (`receive`) and addresses that a payment's change goes back to (`change`). */
export type KeyBranch = 'receive' | 'change'

/** Where a key stands in its account. */
export interface KeyPlace {
  readonly branch: KeyBranch
  /** 0 to 2^31 - 1. */
  readonly index: number
}

/** Which outputs the keys of an account open: 84 P2WPKH (BIP84), 86 taproot by the key path (BIP86). */
export type AccountPurpose = 84 | 86

/** What a signer that holds the seed needs to find a key again. Source: BIP174, "PSBT_IN_BIP32_DERIVATION". */
export interface KeyOrigin {
  /** 33 bytes, compressed; of a taproot output the internal key, untweaked. */
  readonly publicKey: Bytes
  /** The first 4 bytes of the HASH160 of the seed's master public key. */
  readonly fingerprint: Bytes
  /** Numbers of the path from the master key, 2^31 added to the hardened ones. */
  readonly path: readonly number[]
}

/** Added to the number of a hardened child. Source: BIP32. */
const HARDENED = 0x80000000

/** Coin type of every network that is for tests. Source: SLIP-44. */
const TEST_COIN_TYPE = 1

/** Coin type of `main`: "chn" in ASCII, a number that SLIP-44 has given to nobody. */
const MAIN_COIN_TYPE = 0x63686e

/** The coin type in the key paths of a network: 6,514,798 for `main`, 1 for all others. */
export function coinTypeOf(spec: ChainSpec): number {
  return spec.id === loadNetwork('main').id ? MAIN_COIN_TYPE : TEST_COIN_TYPE
}

/** The path of an account's key, such as `m/84'/1'/0'`. */
export function accountPath(coinType: number, purpose: AccountPurpose = 84): string {
  return `m/${purpose}'/${coinType}'/0'`
}

/** Where an account's key comes from; unknown to those who have only the extended public key. */
interface AccountOrigin {
  readonly fingerprint: Bytes
  readonly path: readonly number[]
}

/** The keys of one account; with private keys when it was made from a seed, without when from a public key. */
export class Account {
  readonly #branches: Readonly<Record<KeyBranch, HDKey>>
  readonly #origin: AccountOrigin | undefined
  /** Scripts by place, since deriving one takes about half a millisecond. Bounded by the places that were asked for. */
  readonly #scripts = new Map<string, Uint8Array>()
  readonly purpose: AccountPurpose
  /** The account's extended public key as BIP32 writes it (`xpub…`): whoever has it sees all addresses. */
  readonly extendedPublicKey: string

  private constructor(key: HDKey, purpose: AccountPurpose, origin?: AccountOrigin) {
    this.#branches = { receive: key.deriveChild(0), change: key.deriveChild(1) }
    this.#origin = origin
    this.purpose = purpose
    this.extendedPublicKey = key.publicExtendedKey
  }

  /**
   * The account of a seed.
   *
   * @param seed - 16 to 64 bytes; BIP39 yields 64
   * @param coinType - from {@link coinTypeOf}
   */
  static fromSeed(seed: Bytes, coinType: number, purpose: AccountPurpose = 84): Account {
    invariant(seed.length >= 16 && seed.length <= 64, 'A seed has 16 to 64 bytes.')
    const master = HDKey.fromMasterSeed(seed)
    invariant(master.identifier !== undefined, 'A master key has a fingerprint.')
    const origin = {
      fingerprint: master.identifier.slice(0, 4),
      path: [purpose, coinType, 0].map((step) => step + HARDENED),
    }
    return new Account(master.derive(accountPath(coinType, purpose)), purpose, origin)
  }

  /**
   * The account without its private keys. An extended key does not say which purpose it is for.
   *
   * @throws {WalletError} `extended-key-malformed`
   */
  static fromExtendedPublicKey(text: string, purpose: AccountPurpose = 84): Account {
    try {
      const key = HDKey.fromExtendedKey(text)
      if (key.privateKey === null) return new Account(key, purpose)
    } catch (cause) {
      throw malformedKey(text, { cause })
    }
    throw malformedKey('xprv…')
  }

  /** The compressed public key at a place: 33 bytes. Taproot outputs carry it tweaked. */
  publicKey(place: KeyPlace): Uint8Array {
    const { publicKey } = this.#child(place)
    invariant(publicKey !== null, 'A derived key has a public key.')
    return publicKey
  }

  /** The private key at a place (32 bytes, not tweaked), or `undefined` when the account has none. */
  privateKey(place: KeyPlace): Uint8Array | undefined {
    return this.#child(place).privateKey ?? undefined
  }

  /** Where the key at a place comes from, or `undefined` when the account was made from its extended public key. */
  keyOrigin(place: KeyPlace): KeyOrigin | undefined {
    if (this.#origin === undefined) return undefined
    const { fingerprint, path } = this.#origin
    const branch = place.branch === 'receive' ? 0 : 1
    return { publicKey: this.publicKey(place), fingerprint, path: [...path, branch, place.index] }
  }

  /** The output script that the key at a place opens: P2WPKH, or taproot when the purpose is 86. */
  script(place: KeyPlace): Uint8Array {
    const name = `${place.branch} ${place.index}`
    let script = this.#scripts.get(name)
    if (script === undefined) {
      script = scriptOf(this.publicKey(place), this.purpose)
      this.#scripts.set(name, script)
    }
    return script
  }

  #child({ branch, index }: KeyPlace): HDKey {
    return this.#branches[branch].deriveChild(index)
  }
}

function scriptOf(publicKey: Bytes, purpose: AccountPurpose): Uint8Array {
  if (purpose === 84) return p2wpkhScript(hash160(publicKey))
  const outputKey = tweakPublicKey(publicKey.subarray(1))
  invariant(outputKey !== undefined, 'A derived public key is a point.')
  return p2trScript(outputKey)
}

function malformedKey(text: string, options?: ErrorOptions): WalletError {
  const message = `"${abbreviate(text, 20)}" is not an extended public key.`
  return new WalletError('extended-key-malformed', message, {}, options)
}
