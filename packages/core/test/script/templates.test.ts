import {
  classifyScript,
  countSigops,
  formatAddress,
  isUnspendable,
  MAX_NULL_DATA_LENGTH,
  nullDataScript,
  p2trScript,
  p2wpkhScript,
  parseAddress,
  pushOpcodes,
} from '@chain/core/script'
import { describe, expect, test } from 'vitest'
import { refusal } from '../refusal.ts'

const keyHash = new Uint8Array(20).fill(1)
const outputKey = new Uint8Array(32).fill(2)

describe('classifyScript', () => {
  test('knows the two kinds that can be spent', () => {
    expect(classifyScript(p2wpkhScript(keyHash))).toEqual({ type: 'p2wpkh', keyHash })
    expect(classifyScript(p2trScript(outputKey))).toEqual({ type: 'p2tr', outputKey })
  })

  test.each([0, 1, 75, 76, 255, 256, 65_535])('knows %i bytes of data by what they are', (length) => {
    const data = new Uint8Array(length).fill(3)
    expect(classifyScript(nullDataScript(data))).toEqual({ type: 'null-data', data })
  })

  test.each([
    ['an empty script', []],
    ['OP_RETURN alone', [0x6a]],
    ['two pushes behind OP_RETURN', [0x6a, 1, 0, 1, 0]],
    ['a push that is cut off', [0x6a, 2, 0]],
    ['a push of four length bytes', [0x6a, 0x4e, 1, 0, 0, 0, 0]],
    ['a witness program of 32 bytes in version 0', [0, 32, ...outputKey]],
    ['a witness program of 20 bytes in version 1', [0x51, 20, ...keyHash]],
    ['a program and a byte', [0, 20, ...keyHash, 0]],
    ['a public key hash of old', [0x76, 0xa9, 20, ...keyHash, 0x88, 0xac]],
  ])('calls %s other', (_, bytes) => {
    expect(classifyScript(Uint8Array.from(bytes))).toEqual({ type: 'other' })
  })
})

describe('scripts', () => {
  test('need programs of their own length', () => {
    expect(refusal(() => p2wpkhScript(outputKey)).code).toBe('program-length-wrong')
    expect(refusal(() => p2trScript(keyHash)).code).toBe('program-length-wrong')
  })

  test('carry no more data than two length bytes can say', () => {
    expect(refusal(() => nullDataScript(new Uint8Array(MAX_NULL_DATA_LENGTH + 1))).code).toBe(
      'null-data-too-long',
    )
  })

  test('push with the shortest opcodes', () => {
    expect([75, 76, 255, 256].map(pushOpcodes)).toEqual([[75], [76, 76], [76, 255], [77, 0, 1]])
  })

  test('can never be spent behind OP_RETURN or beyond 10,000 bytes', () => {
    expect(isUnspendable(Uint8Array.of(0x6a))).toBe(true)
    expect(isUnspendable(new Uint8Array(10_001))).toBe(true)
    expect(isUnspendable(new Uint8Array(10_000))).toBe(false)
    expect(isUnspendable(new Uint8Array())).toBe(false)
    expect(isUnspendable(Uint8Array.of(0x51, 0x6a))).toBe(false)
  })
})

describe('countSigops', () => {
  test.each([
    ['nothing', [], 0],
    ['each kind of operation', [0xac, 0xad, 0xae, 0xaf], 42],
    ['what is pushed', [2, 0xac, 0xac, 0xac], 1],
    ['what one length byte pushes', [0x4c, 1, 0xac, 0xad], 1],
    ['what two length bytes push', [0x4d, 1, 0, 0xac, 0xad], 1],
    ['what four length bytes push', [0x4e, 1, 0, 0, 0, 0xac, 0xad], 1],
    ['up to a push that is cut off', [0xac, 3, 0xac, 0xac], 1],
    ['up to a length that is cut off', [0xac, 0x4d, 1], 1],
    ['up to a push of four gigabytes', [0xac, 0x4e, 255, 255, 255, 255, 0xac], 1],
    ['a public key of old', [33, ...new Uint8Array(33).fill(0xac), 0xac], 1],
  ])('counts %s', (_, bytes, count) => {
    expect(countSigops(Uint8Array.from(bytes))).toBe(count)
  })
})

describe('addresses', () => {
  const address = formatAddress(p2wpkhScript(keyHash), 'chnd') ?? ''

  test('carry the prefix of their network', () => {
    expect(address).toMatch(/^chnd1q/)
    expect(formatAddress(p2trScript(outputKey), 'chn')).toMatch(/^chn1p/)
    expect(parseAddress(address, 'chnd')).toEqual(p2wpkhScript(keyHash))
  })

  test('of another network are refused with both prefixes', () => {
    const error = refusal(() => parseAddress(address, 'chn'))
    expect(error.code).toBe('address-wrong-network')
    expect(error.message).toContain('begins with chnd1, not chn1')
  })

  test('with a typing error are refused', () => {
    const [last] = address.slice(-1)
    const typo = address.slice(0, -1) + (last === 'q' ? 'p' : 'q')
    expect(refusal(() => parseAddress(typo, 'chnd')).code).toBe('address-malformed')
  })

  test('stand for no other scripts', () => {
    expect(formatAddress(nullDataScript(keyHash), 'chnd')).toBeUndefined()
    expect(formatAddress(Uint8Array.of(0x51), 'chnd')).toBeUndefined()
  })
})
