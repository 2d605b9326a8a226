import { fromHex, toHex } from '@chain/core/bytes'
import { formatAddress, parseAddress } from '@chain/core/script'
import { describe, expect, test } from 'vitest'
import { refusal } from '../refusal.ts'

describe('valid addresses of BIP173 and BIP350', () => {
  const rows = [
    ['bc', 'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4', '0014751e76e8199196d454941c45d1b3a323f1433bd6'],
    [
      'bc',
      'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
      '512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
    ],
    [
      'tb',
      'tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c',
      '5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433',
    ],
  ] as const

  test.each(rows)('with the prefix %s, %s stands for the script %s', (prefix, address, script) => {
    expect(toHex(parseAddress(address, prefix))).toBe(script)
    expect(formatAddress(fromHex(script), prefix)).toBe(address.toLowerCase())
  })
})

describe('valid addresses of a kind that cannot be paid here', () => {
  const rows = [
    ['bc', 'bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y'],
    ['bc', 'BC1SW50QGDZ25J'],
    ['bc', 'bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs'],
    ['tb', 'tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7'],
    ['tb', 'tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy'],
  ] as const

  test.each(rows)('with the prefix %s, %s is refused as unsupported', (prefix, address) => {
    expect(refusal(() => parseAddress(address, prefix)).code).toBe('address-unsupported')
  })
})

describe('invalid addresses of BIP173 and BIP350', () => {
  const rows = [
    // Invalid prefix for a Bitcoin network.
    ['tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut', 'address-wrong-network'],
    // Checksum of bech32 where bech32m is asked for, and the other way round.
    ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd', 'address-malformed'],
    ['BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL', 'address-malformed'],
    ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh', 'address-malformed'],
    // Invalid character in the checksum.
    ['bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4', 'address-malformed'],
    // Witness version above 16.
    ['BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R', 'address-malformed'],
    // Program of one byte, and of 41.
    ['bc1pw5dgrnzv', 'address-malformed'],
    ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav', 'address-malformed'],
    // Program of 16 bytes in version 0.
    ['BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P', 'address-malformed'],
    // Mixed case.
    ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzK5jj0', 'address-malformed'],
    // More than four bits of padding, and padding that is not zero.
    ['bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf', 'address-malformed'],
    ['tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j', 'address-malformed'],
    // No data at all.
    ['bc1gmk9yu', 'address-malformed'],
  ] as const

  test.each(rows)('%s is refused: %s', (address, code) => {
    const prefix = address.startsWith('tb') ? 'tb' : 'bc'
    expect(refusal(() => parseAddress(address, prefix)).code).toBe(code)
  })
})
