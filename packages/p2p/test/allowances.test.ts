import { expect, it } from 'vitest'
import { Allowances } from '../src/allowances.ts'

const rate = { burst: 10, perSecond: 100 }

it('gives each peer an allowance of its own', () => {
  const allowances = new Allowances(rate)
  expect(allowances.take('greedy', 12, 0)).toBe(20)
  expect(allowances.take('modest', 10, 0)).toBe(0)
})

it('remembers those in debt when strangers come and go', () => {
  const allowances = new Allowances(rate)
  for (let peer = 0; peer < 2_000; peer++) {
    expect(allowances.take('greedy', 1, peer)).toBe(Math.max(0, (peer + 1) * 10 - 100 - peer))
    allowances.take(`${peer}`, 0, peer)
  }
})

it('remembers only so many, those that were heard of last', () => {
  const allowances = new Allowances(rate)
  allowances.take('first', 20, 0)
  for (let peer = 0; peer < 1_000; peer++) allowances.take(`${peer}`, 20, 0)
  expect(allowances.take('first', 0, 0)).toBe(0)
  expect(allowances.take('999', 0, 0)).toBe(100)
})

it('takes nothing that is not there where waiting is no use', () => {
  const allowances = new Allowances(rate)
  const taken = Array.from({ length: 1_000 }, () => allowances.takeIfThere('greedy', 1, 0))
  expect(taken.filter((isThere) => isThere)).toHaveLength(10)
  expect(allowances.takeIfThere('greedy', 1, 9)).toBe(false)
  expect(allowances.takeIfThere('greedy', 1, 10)).toBe(true)
  expect(allowances.takeIfThere('greedy', 10, 110)).toBe(true)
})
