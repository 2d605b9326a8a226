import { expect, it } from 'vitest'
import { RecentSet } from '../../src/relay/recent-set.ts'

it('a recent set forgets what was added longest ago', () => {
  const set = new RecentSet(2)
  for (const key of ['a', 'b', 'a', 'c']) set.add(key)
  expect(['a', 'b', 'c'].map((key) => set.has(key))).toEqual([true, false, true])
  expect([set.delete('a'), set.delete('a'), set.has('a')]).toEqual([true, false, false])
})
