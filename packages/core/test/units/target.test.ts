import { compactFromTarget, MAX_TARGET, targetFromCompact, workFromTarget } from '@chain/core/units'
import { describe, expect, test } from 'vitest'
import { refusal } from '../refusal.ts'

describe('targetFromCompact', () => {
  test.each([
    [0x1d00ffff, 0xffffn << 208n],
    [0x207fffff, 0x7fffffn << 232n],
    [0x01010000, 1n],
    [0x01123456, 0x12n],
    [0x02123456, 0x1234n],
    [0x03123456, 0x123456n],
    [0x04123456, 0x12345600n],
    [0x05009234, 0x92340000n],
    [0x2100ffff, 0xffffn << 240n],
    [0x220000ff, 0xffn << 248n],
  ])('reads %i', (compact, target) => {
    expect(targetFromCompact(compact)).toBe(target)
  })

  test.each([
    ['zero', 0],
    ['a mantissa that is cut off', 0x00123456],
    ['a mantissa that is cut off, with exponent 1', 0x01003456],
    ['a negative number', 0x04923456],
    ['a negative number that is large', 0xff923456],
    ['257 bits by the exponent', 0x23000001],
    ['257 bits by the mantissa', 0x22000100],
    ['the largest exponent', 0xff123456],
    ['a sign alone', 0x00800000],
  ])('knows that %s is no target', (_, compact) => {
    expect(targetFromCompact(compact)).toBeUndefined()
  })
})

describe('compactFromTarget', () => {
  test.each([
    [1n, 0x01010000],
    [0x7fn, 0x017f0000],
    [0x80n, 0x02008000],
    [0xffffn << 208n, 0x1d00ffff],
    [MAX_TARGET, 0x2100ffff],
  ])('writes %s', (target, compact) => {
    expect(compactFromTarget(target)).toBe(compact)
  })

  test.each([0n, -1n, MAX_TARGET + 1n])('refuses %s', (target) => {
    expect(refusal(() => compactFromTarget(target)).code).toBe('target-out-of-range')
  })
})

describe('workFromTarget', () => {
  test.each([
    [0xffffn << 208n, 0x100010001n],
    [0x7fffffn << 232n, 2n],
    [MAX_TARGET, 1n],
    [1n, 1n << 255n],
  ])('of %s is the expected number of hashes', (target, work) => {
    expect(workFromTarget(target)).toBe(work)
  })
})
