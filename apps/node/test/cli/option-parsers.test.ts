import { describe, expect, it } from 'vitest'
import * as parse from '../../src/cli/option-parsers.ts'

describe('whole numbers', () => {
  const read = parse.integer(1, 100)

  it('are read within their bounds', () => {
    expect([read('1'), read('100')]).toEqual([1, 100])
    const readSigned = parse.integer(-8, 0)
    expect([readSigned('-8'), readSigned('0')]).toEqual([-8, 0])
    expect(() => readSigned('-9')).toThrow('It must be a whole number from -8 to 0.')
    expect(() => readSigned('-0')).toThrow()
  })

  it.each(['0', '101', '-1', '1.5', '1e1', '0x10', '', ' 1', 'x', '9'.repeat(30)])('are not %j', (text) => {
    expect(() => read(text)).toThrow('It must be a whole number from 1 to 100.')
  })
})

it('addresses of this machine are IP addresses', () => {
  expect(parse.ipAddress('::1')).toBe('::1')
  expect(() => parse.ipAddress('localhost')).toThrow('It must be an IP address')
})
