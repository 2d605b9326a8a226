import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { toHex } from '@chain/core/bytes'
import { describe, expect, it } from 'vitest'
import {
  createWords,
  entropyOfWords,
  parseWords,
  seedOfWords,
  wordsOfEntropy,
} from '../../src/keystore/words.ts'
import { words } from './key-files.ts'

describe('words', () => {
  it.each([12, 24] as const)('are %i, and different each time', (count) => {
    const created = createWords(count)
    expect(created.split(' ')).toHaveLength(count)
    expect(created).not.toBe(createWords(count))
    expect(wordsOfEntropy(entropyOfWords(created))).toBe(created)
  })

  it('are read in any case and with any spaces between them', () => {
    expect(parseWords(`  ${words.toUpperCase().replaceAll(' ', '\n\t ')}\n`)).toBe(words)
  })

  it.each([
    ['too few', 'abandon about', 'there are 2 of them'],
    ['none', '', 'there are 0 of them'],
    ['an unknown word', words.replace('about', 'zebras'), 'number 12 is not in the list'],
    ['a wrong checksum', words.replace('about', 'abandon'), 'checksum is wrong'],
  ])('with %s are refused without repeating them', (_, text, reason) => {
    expect(() => parseWords(text)).toThrow(
      expect.objectContaining({ code: 'words-malformed', message: expect.stringContaining(reason) }),
    )
    expect(() => parseWords(text)).not.toThrow(/abandon|zebras/)
  })
})

const file = join(
  process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../../../../shared/vectors'),
  'bip39.json',
)

describe.skipIf(!existsSync(file))('the vectors of BIP39', () => {
  it('have the published words for their entropy', async () => {
    const { english } = JSON.parse(readFileSync(file, 'utf8')) as { english: [string, string, string][] }
    const lengths = new Set<number>()
    for (const [entropy, published] of english) {
      const count = published.split(' ').length
      if (count !== 12 && count !== 24) continue
      lengths.add(count)
      expect(toHex(entropyOfWords(parseWords(published)))).toBe(entropy)
    }
    expect(lengths).toEqual(new Set([12, 24]))
    expect(toHex(await seedOfWords(words)).slice(0, 32)).toBe('5eb00bbddcf069084889a8ab91555681')
  })
})
