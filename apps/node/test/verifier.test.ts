import type { SignatureCheck } from '@chain/core/consensus'
import { sha256, signEcdsa } from '@chain/core/crypto'
import { testKey } from '@chain/core/testing'
import { describe, expect, it } from 'vitest'
import { yieldingVerifier } from '../src/verifier.ts'

const key = testKey('signer')

function checkOf(index: number): SignatureCheck {
  const digest = sha256(Uint8Array.of(index))
  const signature = signEcdsa(digest, key.privateKey)
  return { algorithm: 'ecdsa', digest, publicKey: key.publicKey, signature, txid: digest, inputIndex: index }
}

describe('the yielding verifier', () => {
  it('finds nothing wrong with right signatures, and lets timers run in between', async () => {
    const checks = Array.from({ length: 40 }, (_, index) => checkOf(index))
    let turns = 0
    const count = (): void => {
      turns += 1
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    expect(await yieldingVerifier.findInvalid(checks)).toBeUndefined()
    clearImmediate(timer)
    expect(turns).toBeGreaterThanOrEqual(4)
  })

  it('gives the position of the first wrong signature', async () => {
    const checks = Array.from({ length: 20 }, (_, index) => checkOf(index))
    checks[11] = { ...(checks[11] as SignatureCheck), digest: sha256(Uint8Array.of(99)) }
    checks[15] = { ...(checks[15] as SignatureCheck), digest: sha256(Uint8Array.of(99)) }
    expect(await yieldingVerifier.findInvalid(checks)).toBe(11)
  })

  it('has nothing against no signatures', async () => {
    expect(await yieldingVerifier.findInvalid([])).toBeUndefined()
  })
})
