import { HDKey } from '@scure/bip32'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/index.ts'
import { formatAddress, parseAddress } from '../../src/script/index.ts'
import { Account } from '../../src/wallet/index.ts'
import { readJsonVectors } from './vector-file.ts'

interface KeyVector {
  readonly pubKey: string
  readonly privKey: string
  readonly base58: string
}

interface Bip32Vectors {
  readonly valid: readonly {
    readonly network: string
    readonly master: KeyVector & { readonly seed?: string; readonly base58Priv: string }
    readonly children: readonly (KeyVector & { readonly path: string })[]
  }[]
  readonly invalid: { readonly fromBase58: readonly { readonly string: string }[] }
}

const vectors = readJsonVectors<Bip32Vectors>('bip32.json')

describe.skipIf(vectors === undefined)('the vectors of BIP32', () => {
  it('derive to the published keys', () => {
    const valid = (vectors?.valid ?? []).filter(({ network }) => network === 'bitcoin')
    expect(valid.length).toBeGreaterThan(0)
    for (const { master, children } of valid) {
      const { seed, base58Priv } = master
      const root =
        seed === undefined ? HDKey.fromExtendedKey(base58Priv) : HDKey.fromMasterSeed(fromHex(seed))
      for (const { path, pubKey, privKey, base58 } of [{ path: 'm', ...master }, ...children]) {
        const key = root.derive(path)
        expect(toHex(key.publicKey as Uint8Array)).toBe(pubKey)
        expect(toHex(key.privateKey as Uint8Array)).toBe(privKey)
        expect(key.publicExtendedKey).toBe(base58)
      }
    }
  })

  it('hold malformed keys, and no account is made of one', () => {
    const malformed = vectors?.invalid.fromBase58 ?? []
    expect(malformed.length).toBeGreaterThan(0)
    for (const { string } of malformed) {
      expect(() => Account.fromExtendedPublicKey(string)).toThrow(
        expect.objectContaining({ code: 'extended-key-malformed' }),
      )
    }
  })
})

/** The seed of the words "abandon abandon … about", which BIP84 and BIP86 both use. */
const seed = fromHex(
  '5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4',
)

describe('the vectors of BIP84', () => {
  const account = Account.fromSeed(seed, 0)

  it.each([
    [
      'receive',
      0,
      '0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c',
      'bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu',
    ],
    [
      'receive',
      1,
      '03e775fd51f0dfb8cd865d9ff1cca2a158cf651fe997fdc9fee9c1d3b5e995ea77',
      'bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g',
    ],
    [
      'change',
      0,
      '03025324888e429ab8e3dbaf1f7802648b9cd01e9b418485c5fa4c1b9b5700e1a6',
      'bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el',
    ],
  ] as const)('have the %s address %i', (branch, index, publicKey, address) => {
    const place = { branch, index }
    expect(toHex(account.publicKey(place))).toBe(publicKey)
    expect(formatAddress(account.script(place), 'bc')).toBe(address)
  })

  it('have the extended public key, in the letters of BIP32', () => {
    // BIP84 writes it with its own prefix "zpub"; key and chain code are the same.
    const key = HDKey.fromExtendedKey(
      'zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs',
      { private: 0x04b2430c, public: 0x04b24746 },
    )
    const ours = HDKey.fromExtendedKey(account.extendedPublicKey)
    expect(ours.publicKey).toEqual(key.publicKey)
    expect(ours.chainCode).toEqual(key.chainCode)
  })
})

describe('the vectors of BIP86', () => {
  const account = Account.fromSeed(seed, 0, 86)

  it.each([
    [
      'receive',
      0,
      'cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115',
      'a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c',
      'bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr',
    ],
    [
      'receive',
      1,
      '83dfe85a3151d2517290da461fe2815591ef69f2b18a2ce63f01697a8b313145',
      'a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb',
      'bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh',
    ],
    [
      'change',
      0,
      '399f1b2f4393f29a18c937859c5dd8a77350103157eb880f02e8c08214277cef',
      '882d74e5d0572d5a816cef0041a96b6c1de832f6f9676d9605c44d5e9a97d3dc',
      'bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7',
    ],
  ] as const)('have the %s address %i', (branch, index, internalKey, outputKey, address) => {
    const place = { branch, index }
    expect(toHex(account.publicKey(place).subarray(1))).toBe(internalKey)
    expect(toHex(account.script(place))).toBe(`5120${outputKey}`)
    expect(formatAddress(account.script(place), 'bc')).toBe(address)
    expect(parseAddress(address, 'bc')).toEqual(account.script(place))
  })

  it('have the extended public key', () => {
    expect(account.extendedPublicKey).toBe(
      'xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ',
    )
  })
})
