import { loadNetwork, numberFromHash } from '@chain/core/consensus'
import { InvariantError } from '@chain/core/errors'
import { NONCE_COUNT, searchNonce } from '@chain/core/mining'
import { blockHash, formatHash } from '@chain/core/primitives'
import { targetFromCompact } from '@chain/core/units'
import { describe, expect, test } from 'vitest'

const { header } = loadNetwork('regtest').consensus.genesis

describe('the search for a nonce', () => {
  test('finds the nonce of the genesis block of Bitcoin, above 2^30', () => {
    const genesis = { ...header, time: 1_231_006_505, bits: 0x1d00ffff }
    const nonce = 2_083_236_893
    expect(searchNonce(genesis, nonce - 50, 51)).toBe(nonce)
    expect(searchNonce(genesis, nonce - 50, 50)).toBeUndefined()
    expect(formatHash(blockHash({ ...genesis, nonce }))).toBe(
      '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f',
    )
  })

  test('finds the nonce of a block above 2^31', () => {
    const nonce = searchNonce(header, 0xffff_fff0, 16)
    const hash = numberFromHash(blockHash({ ...header, nonce: nonce ?? 0 }))
    expect(nonce).toBeGreaterThanOrEqual(0xffff_fff0)
    expect(hash).toBeLessThanOrEqual(targetFromCompact(header.bits) ?? 0n)
  })

  test('ends with the last nonce', () => {
    const hard = { ...header, bits: 0x03000001 }
    expect(searchNonce(hard, NONCE_COUNT - 5, 1_000)).toBeUndefined()
    expect(searchNonce(hard, 0, 0)).toBeUndefined()
  })

  test('needs a header with a target', () => {
    expect(() => searchNonce({ ...header, bits: 0 }, 0, 1)).toThrow(InvariantError)
  })
})
