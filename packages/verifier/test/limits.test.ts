import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { BATCH_CHECKS, RING_LENGTH, RING_PLACES } from '../src/batch-ring.ts'
import { MAX_THREADS } from '../src/verifier-pool.ts'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')

it('docs/limits.md states the limits of the verifier', () => {
  const section = page.split(/^## /m).find((part) => part.startsWith('Verifier\n')) ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` *\| ([\d,]+) *\|/gm)
  const stated = Array.from(rows, ([, name, value]) => [name, Number(value?.replaceAll(',', ''))])
  expect(Object.fromEntries(stated)).toEqual({ RING_PLACES, BATCH_CHECKS, RING_LENGTH, MAX_THREADS })
})
