/** Hashing and mining where there is no WebAssembly: the modules are loaded anew in a world without it. */
import { ripemd160 } from '@noble/hashes/legacy.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const messages = Array.from({ length: 9 }, (_, index) => new Uint8Array(index * 40).fill(index))

for (const [place, api] of [
  ['is no WebAssembly', undefined],
  ['is WebAssembly that refuses the module', { Module: RangeError, Instance: RangeError }],
] as const) {
  test(`all hashes are the same where there ${place}`, async () => {
    vi.stubGlobal('WebAssembly', api)
    vi.resetModules()
    const { hash160, hash256, hash256All, hash256Pairs, sha256 } = await import('@chain/core/crypto')
    const twice = messages.map((bytes) => nobleSha256(nobleSha256(bytes)))
    expect(messages.map(sha256)).toEqual(messages.map((bytes) => nobleSha256(bytes)))
    expect(messages.map(hash256)).toEqual(twice)
    expect(messages.map(hash160)).toEqual(messages.map((bytes) => ripemd160(nobleSha256(bytes))))
    expect(hash256All(messages)).toEqual(twice)
    const pairs = new Uint8Array(64 * 5).fill(1)
    expect(hash256Pairs(pairs)).toHaveLength(32 * 5)
    expect(hash256Pairs(pairs).subarray(0, 32)).toEqual(hash256(pairs.subarray(0, 64)))
  })

  test(`the nonce of the genesis block of Bitcoin is found where there ${place}`, async () => {
    vi.stubGlobal('WebAssembly', api)
    vi.resetModules()
    const { loadNetwork } = await import('@chain/core/consensus')
    const { searchNonce } = await import('@chain/core/mining')
    const { header } = loadNetwork('regtest').consensus.genesis
    const genesis = { ...header, time: 1_231_006_505, bits: 0x1d00ffff }
    expect(searchNonce(genesis, 2_083_236_800, 100)).toBe(2_083_236_893)
    expect(searchNonce(genesis, 2_083_236_800, 93)).toBeUndefined()
  })
}
