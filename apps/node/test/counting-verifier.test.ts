import type { SignatureCheck } from '@chain/core/consensus'
import { sha256, signEcdsa } from '@chain/core/crypto'
import { testKey } from '@chain/core/testing'
import { createVerifier } from '@chain/verifier'
import { expect, it } from 'vitest'
import { CountingVerifier } from '../src/counting-verifier.ts'

const { privateKey, publicKey } = testKey('counted')
const digest = sha256(Uint8Array.of(1))
const signature = signEcdsa(digest, privateKey)
const right: SignatureCheck = {
  algorithm: 'ecdsa',
  digest,
  publicKey,
  signature,
  txid: digest,
  inputIndex: 0,
}
const wrong: SignatureCheck = { ...right, digest: sha256(Uint8Array.of(2)) }

it('the signatures of lists that are right are counted', async () => {
  const inner = createVerifier({ threads: 0 })
  const verifier = new CountingVerifier(inner)
  expect(verifier.name).toBe(inner.name)
  expect(await verifier.findInvalid([right, right])).toBe(undefined)
  expect(verifier.count).toBe(2)
  expect(await verifier.findInvalid([right, wrong])).toBe(1)
  expect(verifier.count).toBe(2)
  await verifier.close()
  await expect(verifier.findInvalid([right])).rejects.toMatchObject({ code: 'verifier-closed' })
})
