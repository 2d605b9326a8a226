import { fromHex } from '@chain/core/bytes'
import { siphash, siphashKey } from '@chain/core/crypto'
import { describe, expect, test } from 'vitest'

/** SipHash-2-4 of 0, 1, 2, … bytes 00 01 02 … under the key 00 01 … 0f. Source: the authors' reference vectors. */
const vectors = [
  '310e0edd47db6f72',
  'fd67dc93c539f874',
  '5a4fa9d909806c0d',
  '2d7efbd796666785',
  'b7877127e09427cf',
  '8da699cd64557618',
  'cee3fe586e46c9cb',
  '37d1018bf50002ab',
  '6224939a79f5f593',
  'b0e4a90bdf82009e',
  'f3b9dd94c5bb5d7a',
  'a7ad6b22462fb3f4',
  'fbe50e86bc8f1e75',
  '903d84c02756ea14',
  'eef27a8e90ca23f7',
  'e545be4961ca29a1',
]

describe('SipHash-2-4', () => {
  const key = siphashKey(Uint8Array.from({ length: 16 }, (_, index) => index))

  test.each(vectors.map((hex, length) => [length, hex] as const))('of %i bytes is %s', (length, hex) => {
    const data = Uint8Array.from({ length }, (_, index) => index)
    const expected = new DataView(fromHex(hex).buffer).getBigUint64(0, true)
    expect(siphash(key, data)).toBe(expected)
  })
})
