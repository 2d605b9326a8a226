import { inlineVerifier, type SignatureCheck } from '@chain/core/consensus'
import { sha256, signEcdsa } from '@chain/core/crypto'
import { testKey } from '@chain/core/testing'
import { CachedVerifier } from '@chain/p2p/testing'
import { expect, it } from 'vitest'

const { privateKey, publicKey } = testKey('signer')

function check(text: string, signed: string = text): SignatureCheck {
  const [digest, other] = [text, signed].map((each) => sha256(new TextEncoder().encode(each))) as [
    Uint8Array,
    Uint8Array,
  ]
  const signature = signEcdsa(other, privateKey)
  return { algorithm: 'ecdsa', digest, publicKey, signature, txid: digest, inputIndex: 0 }
}

it('says the same as the verifier behind it, which it asks once for each signature', async () => {
  let asked = 0
  const verifier = new CachedVerifier({
    name: 'counting',
    findInvalid: (checks) => {
      asked += checks.length
      return inlineVerifier.findInvalid(checks)
    },
  })
  const checks = [check('a'), check('b'), check('c', 'd')]
  for (let time = 0; time < 3; time++) {
    expect(await verifier.findInvalid(checks)).toBe(2)
    expect(await verifier.findInvalid(checks.slice(0, 2))).toBeUndefined()
  }
  expect(asked).toBe(3)
})
