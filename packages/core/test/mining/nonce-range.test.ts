import { loadNetwork } from '@chain/core/consensus'
import { InvariantError } from '@chain/core/errors'
import { NONCE_CHUNK, NONCE_COUNT, searchRange, splitNonces } from '@chain/core/mining'
import { describe, expect, test } from 'vitest'

const { header } = loadNetwork('regtest').consensus.genesis
const bitcoin = { ...header, time: 1_231_006_505, bits: 0x1d00ffff }
const nonce = 2_083_236_893

describe('the shares of several workers', () => {
  test.each([1, 2, 3, 7, 256])('are all nonces, each once, for %i', (workers) => {
    let next = 0
    for (const { start, count } of splitNonces(workers)) {
      expect(start).toBe(next)
      expect(count).toBeGreaterThan(0)
      next += count
    }
    expect(next).toBe(NONCE_COUNT)
  })

  test('are for one worker at least', () => {
    expect(() => splitNonces(0)).toThrow(InvariantError)
    expect(() => splitNonces(1.5)).toThrow(InvariantError)
  })
})

describe('a search in chunks', () => {
  const range = { start: nonce - 2 * NONCE_CHUNK - 5, count: 4 * NONCE_CHUNK }

  test('finds the nonce, and tells what it tried', () => {
    const tried: number[] = []
    const control = { isWanted: () => true, onChunk: (count: number) => tried.push(count) }
    expect(searchRange(bitcoin, range, control)).toBe(nonce)
    expect(tried).toEqual([NONCE_CHUNK, NONCE_CHUNK, NONCE_CHUNK])
  })

  test('ends with its range', () => {
    const tried: number[] = []
    const control = { isWanted: () => true, onChunk: (count: number) => tried.push(count) }
    expect(searchRange(bitcoin, { ...range, count: 2 * NONCE_CHUNK + 5 }, control)).toBeUndefined()
    expect(tried).toEqual([NONCE_CHUNK, NONCE_CHUNK, 5])
  })

  test('is given up between two chunks when nobody wants it any more', () => {
    let chunks = 0
    const control = {
      isWanted: () => chunks < 2,
      onChunk: () => {
        chunks += 1
      },
    }
    expect(searchRange(bitcoin, range, control)).toBeUndefined()
    expect(chunks).toBe(2)
    expect(searchRange(bitcoin, range, { isWanted: () => false })).toBeUndefined()
  })
})
