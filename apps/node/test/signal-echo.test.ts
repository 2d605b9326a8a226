import { expect, it } from 'vitest'
import { countSignals } from '../src/signal-echo.ts'

it('a signal is the first, its echo, or a second one', () => {
  let now = 1_000
  const turn = countSignals(() => now)
  expect([turn(), turn()]).toEqual(['first', 'echo'])
  now += 499
  expect(turn()).toBe('echo')
  now += 1
  expect(turn()).toBe('second')
})
