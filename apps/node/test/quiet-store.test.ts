import { expect, onTestFinished, test, vi } from 'vitest'
import { quietStore } from '../src/quiet-store.ts'

test('errors of LMDB are not printed, and everything else is', () => {
  const print = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const spied = console.error
  onTestFinished(() => {
    console.error = spied
    print.mockRestore()
  })
  quietStore()
  const system = Object.assign(new Error('no such file'), { code: 'ENOENT' })
  console.error(Object.assign(new Error('Input/output error'), { code: 5 }))
  console.error(system)
  console.error('%s and', 'more', 7)
  expect(print.mock.calls).toEqual([[system], ['%s and', 'more', 7]])
})
