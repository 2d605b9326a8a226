import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameLimits } from '../../src/index.ts'
import { messageCases } from './cases.ts'

describe.each(messageCases)('$name', ({ messages, encode, decode, name }) => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decode(encode(message))).toEqual(message)
      }),
    )
  })

  it('writes what it read as the same bytes', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encode(message)
        expect(encode(decode(bytes))).toEqual(bytes)
      }),
    )
  })

  it('hands out plain byte arrays that do not share memory with a Buffer pool', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const values = Object.values(decode(Buffer.from(encode(message)))).flat()
        for (const value of values) if (ArrayBuffer.isView(value)) expect(value.constructor).toBe(Uint8Array)
      }),
      { numRuns: 20 },
    )
  })

  it('ignores fields that it does not know', () => {
    const unknown = fc.array(
      fc.constantFrom(
        [0xf8, 0x06, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        [0xf9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],
        [0xfa, 0x06, 3, 1, 2, 3],
        [0xfd, 0x06, 1, 2, 3, 4],
      ),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(messages, unknown, unknown, (message, before, after) => {
        const bytes = Uint8Array.from([...before.flat(), ...encode(message), ...after.flat()])
        fc.pre(bytes.length <= frameLimits[name])
        expect(decode(bytes)).toEqual(message)
      }),
    )
  })
})
