import {
  ChainError,
  DecodeError,
  InvariantError,
  invariant,
  OperationalError,
  ParseError,
} from '@chain/core/errors'
import { describe, expect, test } from 'vitest'

describe('ChainError', () => {
  test.each([ChainError, DecodeError, ParseError, OperationalError])(
    '%o carries code, sentence and data',
    (Kind) => {
      const cause = new Error('The disk is gone.')
      const error = new Kind('disk-gone', 'The disk is gone for good.', { disk: 3 }, { cause })
      expect(error).toBeInstanceOf(ChainError)
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({
        code: 'disk-gone',
        message: 'The disk is gone for good.',
        data: { disk: 3 },
        cause,
      })
      expect(error.name).toBe(Kind.name)
    },
  )
})

describe('invariant', () => {
  test('lets a fact that holds pass', () => {
    expect(() => invariant(true, 'Water is wet.')).not.toThrow()
  })

  test('throws what is no error of data when the fact does not hold', () => {
    const broken = (): void => invariant(false, 'Water is wet.')
    expect(broken).toThrow(InvariantError)
    expect(broken).toThrow('Water is wet.')
    expect(broken).not.toThrow(ChainError)
  })
})
