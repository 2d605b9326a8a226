import { reasonOf } from '@chain/core/errors'
import { expect, it } from 'vitest'

it.each([
  [new Error('The disk is full.'), 'The disk is full'],
  [new TypeError('x is not a function\n  at y'), 'x is not a function'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
])('what %j says is a clause', (thrown, clause) => {
  expect(reasonOf(thrown)).toBe(clause)
})
