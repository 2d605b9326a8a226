/**
 * The words that a wallet is restored from: BIP39 in English, 12 or 24 of them.
 *
 * Source: BIP39
 */
import { ParseError } from '@chain/core/errors'
import { entropyToMnemonic, generateMnemonic, mnemonicToEntropy, mnemonicToSeed } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'

/** How many words a wallet has: 12 hold 128 random bits, 24 hold 256. */
export type WordCount = 12 | 24

/** New random words, separated by single spaces. */
export function createWords(count: WordCount): string {
  return generateMnemonic(wordlist, count === 12 ? 128 : 256)
}

/**
 * Reads words as people write them: any spaces and line breaks between them, either case. The errors never repeat a
 * word.
 *
 * @returns the words in lower case, separated by single spaces
 * @throws {ParseError} `words-malformed`
 */
export function parseWords(text: string): string {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length !== 12 && words.length !== 24) {
    throw malformed(`there are ${words.length} of them, not 12 or 24`)
  }
  const unknown = words.findIndex((word) => !wordlist.includes(word))
  if (unknown >= 0) throw malformed(`number ${unknown + 1} is not in the list of BIP39`)
  const joined = words.join(' ')
  try {
    mnemonicToEntropy(joined, wordlist)
  } catch (cause) {
    throw malformed('their checksum is wrong, so one of them is mistaken or out of place', { cause })
  }
  return joined
}

/** The random bytes that words stand for: 16 or 32. */
export function entropyOfWords(words: string): Uint8Array {
  return mnemonicToEntropy(words, wordlist)
}

/** The words that stand for 16 or 32 random bytes. */
export function wordsOfEntropy(entropy: Uint8Array): string {
  return entropyToMnemonic(entropy, wordlist)
}

/** The seed (64 bytes) that keys are derived from, without a BIP39 passphrase. */
export function seedOfWords(words: string): Promise<Uint8Array> {
  return mnemonicToSeed(words)
}

function malformed(reason: string, options?: ErrorOptions): ParseError {
  return new ParseError('words-malformed', `The words cannot be used: ${reason}.`, { reason }, options)
}
