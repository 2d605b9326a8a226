import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { hostLimits } from '../src/host-limits.ts'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')

it('docs/limits.md states the limits of the host', () => {
  const section = page.split(/^## /m).find((part) => part.startsWith('Host\n')) ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` *\| ([\d,]+) *\|/gm)
  const stated = Array.from(rows, ([, name, value]) => [name, Number(value?.replaceAll(',', ''))])
  expect(Object.fromEntries(stated)).toEqual(hostLimits)
})
