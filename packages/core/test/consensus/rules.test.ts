import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Rule, type RuleCode, RuleError, rules } from '@chain/core/consensus'
import { describe, expect, test } from 'vitest'
import { ruleCases } from './rule-cases.ts'

const page = resolve(import.meta.dirname, '../../../../docs/protocol/consensus.md')
const headings = new Set(existsSync(page) ? headingsOf(readFileSync(page, 'utf8')) : [])

describe.each(Object.keys(rules) as RuleCode[])('%s', (code) => {
  const rule: Rule = rules[code]
  const cases = Object.entries(ruleCases[code])

  test('has a case that breaks it', () => {
    expect(cases.length).toBeGreaterThan(0)
  })

  test.each(cases)('refuses %s', async (_title, breakRule) => {
    const error = await breakRule()
    expect(error.code).toBe(code)
    expect(error.rule).toBe(rule)
    expect(error.message).toMatch(/^[A-Z].*\.$/)
    expect(error.message).not.toContain('undefined')
  })

  test('has its paragraph in docs/protocol/consensus.md', () => {
    expect(headings).toContain(rule.spec)
  })
})

test('only what a damaged copy or a slow clock can break is not held against the sender', () => {
  const blamed = (blame: Rule['blame']): string[] => {
    return Object.entries<Rule>(rules).flatMap(([code, rule]) => (rule.blame === blame ? [code] : []))
  }
  expect(blamed('transient')).toEqual(['header-time-too-new'])
  expect(blamed('mutated').sort()).toEqual([
    'block-coinbase-missing',
    'block-merkle-root-wrong',
    'block-transactions-duplicate',
    'block-transactions-empty',
    'block-witness-commitment-wrong',
    'block-witness-nonce-wrong',
    'block-witness-unexpected',
  ])
})

test('a compact target is told with all of its eight digits', () => {
  const error = new RuleError('header-target-wrong', { bits: 0x01003456, expected: 0x1d00ffff })
  expect(error.message).toContain('01003456 instead of 1d00ffff')
})

/** Anchors of the headings of a page, as Markdown viewers make them. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^##+ (.+)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replaceAll(' ', '-'),
  )
}
