import { pino } from 'pino'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { NodeState } from '../src/state.ts'
import { logStates } from '../src/state-log.ts'

it('tells each state that lasts, once, until it is ended', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const lines: string[] = []
  const log = pino({}, { write: (line) => void lines.push(JSON.parse(line).state) })
  let state: NodeState = 'no-peers'
  const end = logStates(() => ({ state, why: 'So it is.', height: 7, peers: 1 }), log)
  const inTurn: readonly NodeState[] = [
    'no-peers',
    'no-peers',
    'no-peers',
    'synced',
    'synced',
    'syncing',
    'synced',
  ]
  for (const next of inTurn) {
    state = next
    vi.advanceTimersByTime(1_000)
  }
  end()
  state = 'stalled'
  vi.advanceTimersByTime(5_000)
  expect(lines).toEqual(['no-peers', 'synced'])
})
