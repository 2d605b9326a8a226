import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonAmount } from '../../src/rpc/json-amount.ts'
import { LazyList, writeJson } from '../../src/rpc/json-pieces.ts'

async function textOf(value: unknown): Promise<string> {
  const written = writeJson(value)
  return typeof written === 'string' ? written : await text(written)
}

describe('JSON in pieces', () => {
  it('is the text of JSON.stringify', async () => {
    const entries = fc.array(fc.jsonValue(), { maxLength: 5 })
    const rest = fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.constant(undefined)))
    await fc.assert(
      fc.asyncProperty(entries, rest, async (list, others) => {
        const shape = (inner: unknown): unknown => [
          { result: { ...others, tx: inner, end: undefined } },
          others,
        ]
        expect(await textOf(shape(new LazyList(list)))).toBe(`${JSON.stringify(shape(list))}\n`)
      }),
    )
  })

  it('keeps amounts exact', async () => {
    const value = { amount: jsonAmount(5_000_000_000n), list: new LazyList([jsonAmount(1n)]) }
    expect(await textOf(value)).toBe('{"amount":50.00000000,"list":[0.00000001]}\n')
  })

  it('is one text when nothing in it is long', () => {
    expect(writeJson({ result: [1, 2] })).toBe('{"result":[1,2]}\n')
  })

  it('makes no entry before the pieces in front of it are taken', async () => {
    let made = 0
    function* entries(): Generator<string> {
      for (; made < 100; made++) yield 'x'.repeat(10_000)
    }
    const written = writeJson(new LazyList(entries()))
    if (typeof written === 'string') throw new Error('It is written in pieces.')
    const pieces = written[Symbol.asyncIterator]()
    expect(made).toBe(0)
    await pieces.next()
    expect(made).toBeLessThan(10)
  })

  it('gives others their turn', async () => {
    function* entries(): Generator<number> {
      for (let entry = 0; entry < 20; entry++) {
        const end = performance.now() + 5
        while (performance.now() < end);
        yield entry
      }
    }
    let turns = 0
    let isWritten = false
    const others = (async () => {
      for (; !isWritten; turns++) await nextTurn()
    })()
    await textOf(new LazyList(entries()))
    isWritten = true
    await others
    expect(turns).toBeGreaterThan(5)
  })
})
