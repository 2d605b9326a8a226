import { expect, it } from 'vitest'
import { formatProgress } from '../../src/block-file/progress-line.ts'

it('progress is a bar with rates and the time that is left', () => {
  const line = formatProgress({ done: 0.25, blocks: 100, bytes: 5_000_000, seconds: 2 })
  expect(line).toBe('[#####---------------]  25 %, 100 blocks, 50.0 blocks/s, 2.5 MB/s, 6 s left')
})

it('progress tells minutes and hours, and that nothing is known at first', () => {
  const at = (done: number, seconds: number): string =>
    formatProgress({ done, blocks: 1, bytes: 1, seconds }).split(', ').at(-1) as string
  expect(at(0, 0)).toBe('time left unknown')
  expect(at(0.5, 90)).toBe('1 min 30 s left')
  expect(at(0.5, 7_320)).toBe('2 h 2 min left')
  expect(at(1, 10)).toBe('0 s left')
  expect(formatProgress({ done: 1.5, blocks: 1, bytes: 1, seconds: 1 })).toContain(
    '[####################] 100 %',
  )
})
