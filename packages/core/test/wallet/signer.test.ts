import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/index.ts'
import { signEcdsa, verifyEcdsa, verifySchnorr } from '../../src/crypto/index.ts'
import { decodeTransaction } from '../../src/primitives/index.ts'
import {
  p2trScript,
  SIGHASH_ALL,
  SIGHASH_DEFAULT,
  SighashCache,
  segwitV0Sighash,
  taprootSighash,
} from '../../src/script/index.ts'
import { signPayment } from '../../src/wallet/index.ts'
import { account, findPrivateKey, taprootAccount } from './payments.ts'

const script = account.script({ branch: 'receive', index: 0 })

function paymentOf(scriptPubKey: Uint8Array): Parameters<typeof signPayment>[0] {
  const input = {
    previousOutput: { txid: new Uint8Array(32).fill(1), index: 0 },
    scriptSig: new Uint8Array(),
    sequence: 0xffffffff,
    witness: [],
  }
  const outputs = [{ value: 1n, scriptPubKey: script }]
  return {
    transaction: { version: 2, inputs: [input], outputs, lockTime: 0 },
    spent: [{ value: 2n, scriptPubKey }],
  }
}

describe('signing', () => {
  it('refuses a coin whose key is not there', () => {
    const missing = expect.objectContaining({ code: 'key-missing' })
    expect(() => signPayment(paymentOf(script), () => undefined)).toThrow(missing)
    expect(() => signPayment(paymentOf(script), () => new Uint8Array(32).fill(3))).toThrow(missing)
    const taproot = p2trScript(new Uint8Array(32).fill(3))
    expect(() => signPayment(paymentOf(taproot), () => new Uint8Array(32).fill(3))).toThrow(missing)
  })

  it('gives every signature the same length', () => {
    for (let lockTime = 0; lockTime < 64; lockTime++) {
      const { transaction, spent } = paymentOf(script)
      const signed = signPayment({ transaction: { ...transaction, lockTime }, spent }, findPrivateKey)
      expect(signed.inputs[0]?.witness.map(({ length }) => length)).toEqual([71, 33])
    }
  })

  it('opens a taproot coin with one Schnorr signature, without hash type', () => {
    const coin = taprootAccount.script({ branch: 'receive', index: 0 })
    const { transaction, spent } = paymentOf(coin)
    const signed = signPayment({ transaction, spent }, findPrivateKey)
    const [signature = new Uint8Array(), ...rest] = signed.inputs[0]?.witness ?? []
    expect(signature).toHaveLength(64)
    expect(rest).toEqual([])
    const digest = taprootSighash(new SighashCache(transaction, spent), 0, SIGHASH_DEFAULT)
    expect(verifySchnorr(digest ?? new Uint8Array(), coin.subarray(2), signature)).toBe(true)
  })

  it('is the same each time', () => {
    const payment = paymentOf(script)
    expect(signPayment(payment, findPrivateKey)).toEqual(signPayment(payment, findPrivateKey))
  })
})

describe('the native P2WPKH example of BIP143', () => {
  const transaction = decodeTransaction(
    fromHex(
      '0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000',
    ),
  )
  const spent = [
    {
      value: 625_000_000n,
      scriptPubKey: fromHex('2103c9f4836b9a4f77fc0d81f7bcb01b7f1b35916864b9476c241ce9fc198bd25432ac'),
    },
    { value: 600_000_000n, scriptPubKey: fromHex('00141d0f172a0ecb48aee1be1f2687d2963ae33f71a1') },
  ]
  const keyHash = fromHex('1d0f172a0ecb48aee1be1f2687d2963ae33f71a1')
  const publicKey = fromHex('025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357')
  const digest = segwitV0Sighash(new SighashCache(transaction, spent), 1, keyHash, SIGHASH_ALL)

  it('has the published signature hash', () => {
    expect(toHex(digest)).toBe('c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670')
  })

  it('has the published signature', () => {
    const signature = signEcdsa(
      digest,
      fromHex('619c335025c7f4012e556c2a58b2506e30b8511b53ade95ea316fd8c3286feb9'),
    )
    expect(toHex(signature)).toBe(
      '304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee',
    )
    expect(verifyEcdsa(digest, publicKey, signature)).toBe(true)
  })
})
