import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from '../../src/index.ts'
import { type MessageCase, messageCases } from './cases.ts'

/** Bytes of a message with some of them overwritten, removed or inserted. */
function mutated({ messages, encode }: MessageCase<object, object>): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 3 }),
    insert: fc.uint8Array({ maxLength: 3 }),
  })
  return fc.tuple(messages, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([message, edits]) => {
    const bytes = [...encode(message)]
    for (const { at, remove, insert } of edits) bytes.splice(at % (bytes.length + 1), remove, ...insert)
    return Uint8Array.from(bytes)
  })
}

/** Decodes, and lets no other error pass than the decode error. */
function decodeOrRefuse(decode: (bytes: Uint8Array) => object, bytes: Uint8Array): object | undefined {
  try {
    return decode(bytes)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

describe.each(messageCases)('$name', (messageCase) => {
  const { encode, decode } = messageCase

  function checkBytes(bytes: Uint8Array): void {
    const message = decodeOrRefuse(decode, bytes)
    if (message === undefined || ('kind' in message && message.kind === 'unknown')) return
    expect(decode(encode(message))).toEqual(message)
  }

  it('refuses random bytes with a WireError only', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), checkBytes), { numRuns: 3_000 })
  })

  it('refuses mutated messages with a WireError only', () => {
    fc.assert(fc.property(mutated(messageCase), checkBytes), { numRuns: 1_000 })
  })

  it('refuses every truncation with a WireError or reads a whole message', () => {
    fc.assert(
      fc.property(messageCase.messages, (message) => {
        const bytes = encode(message)
        for (let end = 0; end < Math.min(bytes.length, 400); end++) checkBytes(bytes.subarray(0, end))
      }),
      { numRuns: 20 },
    )
  })
})
