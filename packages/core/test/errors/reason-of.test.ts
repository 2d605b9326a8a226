import { reasonOf } from '@chain/core/errors'
import { expect, it } from 'vitest'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it, open '/x'`), { code, syscall: 'open' })
}

it.each([
  [new Error('The disk is full.'), 'The disk is full'],
  [new TypeError('x is not a function\n  at y'), 'x is not a function'],
  ['a text', 'a text'],
  [systemError('EISDIR'), 'it is a directory'],
  [systemError('EHOSTUNREACH'), 'there is no way to the machine'],
  [systemError('ESOMETHING'), "ESOMETHING: as the system says it, open '/x'"],
  [systemError('toString'), "toString: as the system says it, open '/x'"],
  [Object.assign(new Error('Ours.'), { code: 'ENOENT' }), 'Ours'],
  [new AggregateError([new Error('The first.'), systemError('ECONNREFUSED')]), 'connection refused'],
  [new AggregateError([], 'All failed.'), 'All failed'],
  [undefined, 'undefined'],
])('what %j says is a clause', (thrown, clause) => {
  expect(reasonOf(thrown)).toBe(clause)
})
