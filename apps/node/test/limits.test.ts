import { readFileSync } from 'node:fs'
import { MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { expect, it } from 'vitest'
import { HEADROOM, LEAST_BLOCKS, MOST_BLOCKS } from '../src/pruner.ts'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')

it('docs/limits.md states the limits of pruning', () => {
  const section = page.split(/^## /m).find((part) => part.startsWith('Pruning\n')) ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` *\| ([\d,.]+) *\|/gm)
  const stated = Array.from(rows, ([, name, value]) => [name, Number(value?.replaceAll(',', ''))])
  expect(Object.fromEntries(stated)).toEqual({ MIN_KEPT_BLOCKS, LEAST_BLOCKS, MOST_BLOCKS, HEADROOM })
})
