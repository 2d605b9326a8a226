import { rmdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeError } from '../src/describe-error.ts'
import { describeSystemError } from '../src/system-error.ts'

function systemError(code: string, path?: string): Error {
  return Object.assign(new Error(`${code}: as the system says it`), { code, syscall: 'open', path })
}

it.each([
  [
    'EACCES',
    '/data/node.json',
    /^\/data\/node\.json cannot be used, because this user has no permission: .*--datadir\.$/,
  ],
  ['ENOSPC', undefined, /^A file cannot be used, because the disk is full: /],
])('%s is told in one sentence', (code, path, sentence) => {
  expect(describeSystemError(systemError(code, path))).toMatch(sentence)
  expect(describeError(systemError(code, path), {})).toMatchObject({ exitCode: 7, name: 'file-unusable' })
})

it('what nobody expects stays a bug', () => {
  let thrown: unknown
  try {
    rmdirSync('/no/such/directory')
  } catch (error) {
    thrown = error
  }
  expect(describeSystemError(thrown)).toBeUndefined()
  expect(describeSystemError(new TypeError('x is undefined'))).toBeUndefined()
  expect(describeError(thrown, {})).toMatchObject({ exitCode: 1, name: 'internal-error' })
})
