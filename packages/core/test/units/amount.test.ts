import { COIN, formatAmount, isAmountInRange, MAX_AMOUNT, parseAmount } from '@chain/core/units'
import { describe, expect, test } from 'vitest'
import { refusal } from '../refusal.ts'

describe('parseAmount', () => {
  test.each([
    ['0', 0n],
    ['1', COIN],
    ['0.5', 50_000_000n],
    ['12.00000001', 1_200_000_001n],
    ['0.00000001', 1n],
    ['007', 7n * COIN],
    ['21000000', MAX_AMOUNT],
    ['21000000.00000000', MAX_AMOUNT],
  ])('reads %s', (text, amount) => {
    expect(parseAmount(text)).toBe(amount)
  })

  test.each([
    ['', 'amount-malformed'],
    ['.5', 'amount-malformed'],
    ['1.', 'amount-malformed'],
    ['1e8', 'amount-malformed'],
    ['0x10', 'amount-malformed'],
    ['1,5', 'amount-malformed'],
    [' 1', 'amount-malformed'],
    ['1\n', 'amount-malformed'],
    ['+1', 'amount-malformed'],
    ['NaN', 'amount-malformed'],
    ['١', 'amount-malformed'],
    ['-1', 'amount-negative'],
    ['-0', 'amount-negative'],
    ['0.000000001', 'amount-too-precise'],
    ['1.000000000', 'amount-too-precise'],
    ['21000000.00000001', 'amount-out-of-range'],
    ['99999999999999999999999999', 'amount-out-of-range'],
  ])('refuses %j with %s', (text, code) => {
    expect(refusal(() => parseAmount(text))).toMatchObject({ name: 'ParseError', code })
  })
})

describe('formatAmount', () => {
  test.each([
    [0n, '0.00000000'],
    [1n, '0.00000001'],
    [COIN, '1.00000000'],
    [-1n, '-0.00000001'],
    [-COIN * 3n - 5n, '-3.00000005'],
    [MAX_AMOUNT, '21000000.00000000'],
  ])('writes %s base units with eight digits', (amount, text) => {
    expect(formatAmount(amount)).toBe(text)
  })
})

describe('isAmountInRange', () => {
  test.each([
    [-1n, false],
    [0n, true],
    [MAX_AMOUNT, true],
    [MAX_AMOUNT + 1n, false],
  ])('of %s is %s', (amount, expected) => {
    expect(isAmountInRange(amount)).toBe(expected)
  })
})
