import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { quoteWord } from '../src/shell-word.ts'

it.each([
  ['/ip4/127.0.0.1/tcp/8655', '/ip4/127.0.0.1/tcp/8655'],
  ['', "''"],
  ['my coins', "'my coins'"],
  ["Bob's $HOME", "'Bob'\\''s $HOME'"],
])('%j is written %s, which a shell reads back', (word, quoted) => {
  expect(quoteWord(word)).toBe(quoted)
  expect(execFileSync('sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(word)
})
