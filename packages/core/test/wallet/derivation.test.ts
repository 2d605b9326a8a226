import { HDKey } from '@scure/bip32'
import { describe, expect, it } from 'vitest'
import { loadNetwork } from '../../src/consensus/index.ts'
import { publicKeyFromPrivate } from '../../src/crypto/index.ts'
import { classifyScript } from '../../src/script/index.ts'
import { Account, accountPath, coinTypeOf } from '../../src/wallet/index.ts'

const seed = new Uint8Array(64).fill(7)
const place = { branch: 'change', index: 5 } as const

describe('an account', () => {
  it('gives the private key that belongs to the public key of a place', () => {
    const account = Account.fromSeed(seed, 1)
    const privateKey = account.privateKey(place)
    expect(privateKey).toBeDefined()
    expect(publicKeyFromPrivate(privateKey as Uint8Array)).toEqual(account.publicKey(place))
  })

  it('made from its extended public key has the same scripts and no private keys', () => {
    const account = Account.fromSeed(seed, 1)
    const watching = Account.fromExtendedPublicKey(account.extendedPublicKey)
    expect(watching.script(place)).toEqual(account.script(place))
    expect(watching.privateKey(place)).toBeUndefined()
    expect(watching.extendedPublicKey).toBe(account.extendedPublicKey)
  })

  it('is not made from a private key, whose text the error does not repeat', () => {
    const text =
      'xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi'
    expect(() => Account.fromExtendedPublicKey(text)).toThrow(
      expect.objectContaining({
        code: 'extended-key-malformed',
        message: expect.not.stringContaining('QTDL'),
      }),
    )
  })

  it('differs from network to network by coin type', () => {
    expect(coinTypeOf(loadNetwork('main'))).toBe(6_514_798)
    expect(coinTypeOf(loadNetwork('dev'))).toBe(1)
    expect(coinTypeOf(loadNetwork('regtest'))).toBe(1)
    expect(accountPath(1)).toBe("m/84'/1'/0'")
    expect(accountPath(1, 86)).toBe("m/86'/1'/0'")
    expect(Account.fromSeed(seed, 1).script(place)).not.toEqual(Account.fromSeed(seed, 2).script(place))
  })

  it('of purpose 86 has taproot scripts, also without its private keys', () => {
    const taproot = Account.fromSeed(seed, 1, 86)
    const watching = Account.fromExtendedPublicKey(taproot.extendedPublicKey, 86)
    expect(taproot.purpose).toBe(86)
    expect(classifyScript(taproot.script(place)).type).toBe('p2tr')
    expect(watching.script(place)).toEqual(taproot.script(place))
    expect(Account.fromSeed(seed, 1).publicKey(place)).not.toEqual(taproot.publicKey(place))
  })

  it('knows where its keys come from when it was made from a seed', () => {
    const account = Account.fromSeed(seed, 1, 86)
    const origin = account.keyOrigin(place)
    expect(origin?.path).toEqual([0x80000056, 0x80000001, 0x80000000, 1, 5])
    expect(origin?.publicKey).toEqual(account.publicKey(place))
    const master = HDKey.fromMasterSeed(seed)
    expect(Buffer.from(origin?.fingerprint ?? []).readUInt32BE()).toBe(master.fingerprint)
    expect(master.derive("m/86'/1'/0'/1/5").publicKey).toEqual(origin?.publicKey)
    expect(Account.fromExtendedPublicKey(account.extendedPublicKey).keyOrigin(place)).toBeUndefined()
  })
})
