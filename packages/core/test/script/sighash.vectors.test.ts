import { concatBytes, fromHex, toHex } from '@chain/core/bytes'
import {
  hash160,
  publicKeyFromPrivate,
  signEcdsa,
  signSchnorr,
  tweakPrivateKey,
  tweakPublicKey,
  verifyEcdsa,
  verifySchnorr,
  xOnlyPublicKey,
} from '@chain/core/crypto'
import { decodeTransaction, type TransactionOutput } from '@chain/core/primitives'
import { formatAddress, p2trScript, SighashCache, segwitV0Sighash, taprootSighash } from '@chain/core/script'
import { describe, expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

describe('the P2WPKH example of BIP143', () => {
  const unsigned = decodeTransaction(
    fromHex(
      '0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffff' +
        'ef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff' +
        '02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac' +
        '9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000',
    ),
  )
  const privateKey = fromHex('619c335025c7f4012e556c2a58b2506e30b8511b53ade95ea316fd8c3286feb9')
  const publicKey = fromHex('025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357')
  const keyHash = fromHex('1d0f172a0ecb48aee1be1f2687d2963ae33f71a1')
  const spent: TransactionOutput[] = [
    {
      value: 625_000_000n,
      scriptPubKey: fromHex('2103c9f4836b9a4f77fc0d81f7bcb01b7f1b35916864b9476c241ce9fc198bd25432ac'),
    },
    { value: 600_000_000n, scriptPubKey: concatBytes(fromHex('0014'), keyHash) },
  ]
  const digest = segwitV0Sighash(new SighashCache(unsigned, spent), 1, keyHash, 1)

  test('has the published key, key hash and signature hash', () => {
    expect(publicKeyFromPrivate(privateKey)).toEqual(publicKey)
    expect(hash160(publicKey)).toEqual(keyHash)
    expect(toHex(digest)).toBe('c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670')
  })

  test('has the published signature', () => {
    const signature =
      '304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee'
    expect(toHex(signEcdsa(digest, privateKey))).toBe(signature)
    expect(verifyEcdsa(digest, publicKey, fromHex(signature))).toBe(true)
  })
})

interface WalletVectors {
  readonly scriptPubKey: readonly {
    readonly given: { readonly internalPubkey: string; readonly scriptTree: unknown }
    readonly intermediary: { readonly tweakedPubkey: string }
    readonly expected: { readonly scriptPubKey: string; readonly bip350Address: string }
  }[]
  readonly keyPathSpending: readonly {
    readonly given: {
      readonly rawUnsignedTx: string
      readonly utxosSpent: readonly { readonly scriptPubKey: string; readonly amountSats: number }[]
    }
    readonly intermediary: Readonly<Record<string, string>>
    readonly inputSpending: readonly KeyPathInput[]
  }[]
}

interface KeyPathInput {
  readonly given: {
    readonly txinIndex: number
    readonly internalPrivkey: string
    readonly merkleRoot: string | null
    readonly hashType: number
  }
  readonly intermediary: { readonly tweakedPrivkey: string; readonly sigHash: string }
  readonly expected: { readonly witness: readonly [string] }
}

describeVectors('bip341-wallet.json', (vectors) => {
  const { scriptPubKey, keyPathSpending } = vectors.json<WalletVectors>()

  test.each(scriptPubKey)('the output key $intermediary.tweakedPubkey has its script and address', (row) => {
    const script = p2trScript(fromHex(row.intermediary.tweakedPubkey))
    expect(toHex(script)).toBe(row.expected.scriptPubKey)
    expect(formatAddress(script, 'bc')).toBe(row.expected.bip350Address)
  })

  const withoutTree = scriptPubKey.filter((row) => row.given.scriptTree === null)

  test.each(withoutTree)('the internal key $given.internalPubkey has its output key', (row) => {
    const key = tweakPublicKey(fromHex(row.given.internalPubkey))
    expect(key).toEqual(fromHex(row.intermediary.tweakedPubkey))
  })

  for (const { given, intermediary, inputSpending } of keyPathSpending) {
    const transaction = decodeTransaction(fromHex(given.rawUnsignedTx))
    const spent = given.utxosSpent.map((output) => ({
      value: BigInt(output.amountSats),
      scriptPubKey: fromHex(output.scriptPubKey),
    }))
    const cache = new SighashCache(transaction, spent)

    test('the shared hashes are those published', () => {
      expect(toHex(cache.amounts)).toBe(intermediary.hashAmounts)
      expect(toHex(cache.outputs)).toBe(intermediary.hashOutputs)
      expect(toHex(cache.outpoints)).toBe(intermediary.hashPrevouts)
      expect(toHex(cache.scripts)).toBe(intermediary.hashScriptPubkeys)
      expect(toHex(cache.sequences)).toBe(intermediary.hashSequences)
    })

    test.each(inputSpending)('input $given.txinIndex has its signature hash and signature', (input) => {
      const { txinIndex, hashType } = input.given
      const digest = taprootSighash(cache, txinIndex, hashType)
      expect(digest).toEqual(fromHex(input.intermediary.sigHash))
      const key = fromHex(input.intermediary.tweakedPrivkey)
      const signature = toHex(signSchnorr(fromHex(input.intermediary.sigHash), key))
      expect(input.expected.witness[0].startsWith(signature)).toBe(true)
      const outputKey = spent[txinIndex]?.scriptPubKey.subarray(2) ?? new Uint8Array()
      expect(xOnlyPublicKey(key)).toEqual(outputKey)
      expect(verifySchnorr(fromHex(input.intermediary.sigHash), outputKey, fromHex(signature))).toBe(true)
    })

    const withoutScripts = inputSpending.filter((input) => input.given.merkleRoot === null)

    test.each(withoutScripts)('input $given.txinIndex has its tweaked private key', (input) => {
      const tweaked = tweakPrivateKey(fromHex(input.given.internalPrivkey))
      expect(toHex(tweaked)).toBe(input.intermediary.tweakedPrivkey)
    })
  }
})
