import { fromHex } from '@chain/core/bytes'
import { sha256, verifyEcdsa } from '@chain/core/crypto'
import { describe, expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

interface Wycheproof {
  readonly numberOfTests: number
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string }
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly msg: string
      readonly sig: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

describeVectors('wycheproof-ecdsa-secp256k1-bitcoin.json', (vectors) => {
  const { numberOfTests, testGroups } = vectors.json<Wycheproof>()
  const cases = testGroups.flatMap(({ publicKey, tests }) => {
    const key = compress(fromHex(publicKey.uncompressed))
    return tests.map((one) => ({ ...one, key }))
  })

  test('holds the number of cases that it states', () => {
    expect(cases).toHaveLength(numberOfTests)
  })

  describe('the verdict is the same', () => {
    test.each(cases)('case $tcId ($comment) is $result', ({ msg, sig, result, key }) => {
      expect(verifyEcdsa(sha256(fromHex(msg)), key, fromHex(sig))).toBe(result === 'valid')
    })
  })
})

function compress(uncompressed: Uint8Array): Uint8Array {
  return Uint8Array.of(2 + ((uncompressed[64] as number) & 1), ...uncompressed.subarray(1, 33))
}
