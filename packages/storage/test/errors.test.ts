import { loadNetwork } from '@chain/core/consensus'
import { expect, test } from 'vitest'
import { storeClosed, storeError, storeWrongNetwork } from '../src/errors.ts'

const file = '/data/chain.mdb'

function reported(code: number | string, message = 'what the system says'): Error {
  return Object.assign(new Error(message), { code })
}

test.each([
  [-30796, 'store-corrupt'],
  [-30797, 'store-corrupt'],
  [-30792, 'store-disk-full'],
  [28, 'store-disk-full'],
  ['ENOSPC', 'store-disk-full'],
  [122, 'store-disk-full'],
  [13, 'store-read-only'],
  ['EROFS', 'store-read-only'],
  [12, 'store-failed'],
])('what LMDB or the system reports as %s is %s, with its reason as the cause', (code, expected) => {
  const cause = reported(code)
  const error = storeError(file, cause)
  expect(error).toMatchObject({ code: expected, data: { file }, cause })
  expect(error.message).toMatch(/^The (data file|file|disk) .*\.$/)
})

test('our own errors pass unchanged', () => {
  const error = storeClosed(file)
  expect(storeError(file, error)).toBe(error)
})

test('something that is not an error at all is still told', () => {
  expect(storeError(file, 'odd')).toMatchObject({
    code: 'store-failed',
    message: 'The data file /data/chain.mdb cannot be used: odd.',
  })
})

test('networks are called by their names, and the option that names them is told', () => {
  const { message } = storeWrongNetwork(file, loadNetwork('regtest').id, loadNetwork('dev').id)
  expect(message).toBe(
    'The data file /data/chain.mdb belongs to the network regtest, not to the network dev: name that network with --network regtest, or choose another data directory.',
  )
})

test('networks that are not built in are called by their spec ids', () => {
  const { message } = storeWrongNetwork(file, '0a1b2c3d', 'ffffffff')
  expect(message).toContain('belongs to the network with the spec id 0a1b2c3d, not to')
  expect(message).toContain('--network and its chain spec file')
})
