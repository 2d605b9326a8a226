/** libp2p's reader of lengths, which stands behind every negotiation, hand-shake, identify and the hash table: our patch. */
import { lpStream, streamPair } from '@libp2p/utils'
import { expect, it } from 'vitest'

it.each([
  ['in a negotiation', { maxDataLength: 1_024, maxLengthLength: 2 }],
  ['where the length of a message is bounded', { maxDataLength: 8_192 }],
  ['where nothing is bounded', {}],
])('a length that does not end is refused at once %s', async (_, options) => {
  const [ours, theirs] = await streamPair()
  const reader = lpStream(ours, options)
  theirs.send(new Uint8Array(100_000).fill(0xab))
  await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_MSG_LENGTH_TOO_LONG' })
})

it('a length of as many bytes as may be is read', async () => {
  const [ours, theirs] = await streamPair()
  const reader = lpStream(ours, { maxDataLength: 1_024, maxLengthLength: 2 })
  theirs.send(Uint8Array.of(0x80, 0x08, ...new Uint8Array(1_024)))
  expect((await reader.read()).byteLength).toBe(1_024)
})
