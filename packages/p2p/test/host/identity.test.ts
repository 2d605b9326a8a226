import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { describe, expect, it } from 'vitest'
import { createIdentity, identityFromBytes, identityToBytes } from '../../src/host/identity.ts'

describe('an identity', () => {
  it('survives being written and read', async () => {
    const identity = await createIdentity()
    expect(identityFromBytes(identityToBytes(identity)).equals(identity)).toBe(true)
  })

  it('is another one each time', async () => {
    const [first, second] = await Promise.all([createIdentity(), createIdentity()])
    expect(first.equals(second)).toBe(false)
  })

  it('is the same for the same seed', async () => {
    const seed = new Uint8Array(32).fill(7)
    expect((await createIdentity(seed)).equals(await createIdentity(seed))).toBe(true)
  })

  it('is refused when the bytes are no Ed25519 key', async () => {
    const other = privateKeyToProtobuf(await generateKeyPair('secp256k1'))
    for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3), other]) {
      expect(() => identityFromBytes(bytes)).toThrow(expect.objectContaining({ code: 'identity-malformed' }))
    }
  })
})
