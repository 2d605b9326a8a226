import { describe, expect, it } from 'vitest'
import { loadNetwork } from '../../src/consensus/index.ts'
import { publicKeyFromPrivate } from '../../src/crypto/index.ts'
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
    expect(Account.fromSeed(seed, 1).script(place)).not.toEqual(Account.fromSeed(seed, 2).script(place))
  })
})
