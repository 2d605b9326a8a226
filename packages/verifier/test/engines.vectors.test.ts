import { fromHex } from '@chain/core/bytes'
import { sha256 } from '@chain/core/crypto'
import { describe, expect, test } from 'vitest'
import { nobleEngine } from '../src/engine.ts'
import { loadNativeEngine } from '../src/native-engine.ts'
import { describeVectors } from './vectors.ts'

const engines = [loadNativeEngine(), nobleEngine]

interface Wycheproof {
  readonly numberOfTests: number
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string }
    readonly tests: readonly { readonly msg: string; readonly sig: string; readonly result: string }[]
  }[]
}

describeVectors('wycheproof-ecdsa-secp256k1-bitcoin.json', (text) => {
  const { numberOfTests, testGroups } = JSON.parse(text) as Wycheproof
  const cases = testGroups.flatMap(({ publicKey: { uncompressed }, tests }) =>
    tests.map(({ msg, sig, result }) => ({
      digest: sha256(fromHex(msg)),
      signature: fromHex(sig),
      keys: keysOf(fromHex(uncompressed)),
      isValid: result === 'valid',
    })),
  )

  describe.each(engines)('$title', (engine) => {
    test('gives the verdict of each case', () => {
      expect(cases).toHaveLength(numberOfTests)
      const wrong = cases.filter(({ digest, signature, keys, isValid }) => {
        return engine.verifyEcdsa(digest, keys.compressed, signature) !== isValid
      })
      expect(wrong).toEqual([])
    })

    test('takes no key in another form than the compressed one', () => {
      for (const { digest, signature, keys } of cases) {
        expect(engine.verifyEcdsa(digest, keys.uncompressed, signature)).toBe(false)
        expect(engine.verifyEcdsa(digest, keys.hybrid, signature)).toBe(false)
      }
    })
  })
})

describeVectors('bip340-schnorr.csv', (text) => {
  const rows = text.trim().split(/\r?\n/).slice(1)
  const cases = rows.map((line) => {
    const [index = '', , publicKey = '', , message = '', signature = '', verdict = ''] = line.split(',')
    return { index, publicKey, message, signature, verdict }
  })

  describe.each(engines)('$title', (engine) => {
    test.each(cases)('finds signature $index $verdict', ({ publicKey, message, signature, verdict }) => {
      expect(engine.verifySchnorr(fromHex(message), fromHex(publicKey), fromHex(signature))).toBe(
        verdict === 'TRUE',
      )
    })
  })
})

/** The three forms of an uncompressed key (65 bytes). */
function keysOf(uncompressed: Uint8Array): Record<'compressed' | 'uncompressed' | 'hybrid', Uint8Array> {
  const parity = (uncompressed[64] as number) & 1
  return {
    compressed: Uint8Array.of(2 + parity, ...uncompressed.subarray(1, 33)),
    uncompressed,
    hybrid: Uint8Array.of(6 + parity, ...uncompressed.subarray(1)),
  }
}
