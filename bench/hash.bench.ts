/** SHA-256 and its doubles, beside a library in JavaScript and the native code of Node. */
import { hash } from 'node:crypto'
import { hash256, hash256All, hash256Pairs, sha256 } from '@chain/core/crypto'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import type { MakeBenches } from './measure.ts'

export const makeBenches: MakeBenches = () => {
  const large = Uint8Array.from({ length: 1_000_000 }, (_, index) => index * 31)
  const messages = Array.from({ length: 1_000 }, (_, index) => large.subarray(index * 250, index * 250 + 250))
  const level = large.subarray(0, 64 * 2_000)
  const nativeTwice = (bytes: Uint8Array): Uint8Array =>
    hash('sha256', hash('sha256', bytes, 'buffer'), 'buffer')
  const nobleTwice = (bytes: Uint8Array): Uint8Array => nobleSha256(nobleSha256(bytes))
  const pairs = Array.from({ length: 2_000 }, (_, index) => level.subarray(index * 64, index * 64 + 64))
  return [
    {
      title: 'SHA-256 of 1 MB',
      work: [1, 'MB'],
      cases: [
        { name: 'chain', run: () => sha256(large) },
        { name: '@noble/hashes', isPeer: true, run: () => nobleSha256(large) },
        { name: 'node:crypto', isPeer: true, run: () => hash('sha256', large, 'buffer') },
      ],
    },
    {
      title: 'Double SHA-256 of 1,000 messages of 250 bytes',
      work: [1_000, 'messages'],
      cases: [
        { name: 'chain, together', run: () => hash256All(messages) },
        { name: 'chain, one by one', run: () => messages.map(hash256) },
        { name: '@noble/hashes', isPeer: true, run: () => messages.map(nobleTwice) },
        { name: 'node:crypto', isPeer: true, run: () => messages.map(nativeTwice) },
      ],
    },
    {
      title: 'Double SHA-256 of 2,000 pairs of hashes',
      work: [2_000, 'pairs'],
      cases: [
        { name: 'chain', run: () => hash256Pairs(level) },
        { name: '@noble/hashes', isPeer: true, run: () => pairs.map(nobleTwice) },
        { name: 'node:crypto', isPeer: true, run: () => pairs.map(nativeTwice) },
      ],
    },
  ]
}
