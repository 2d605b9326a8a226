import { readFileSync } from 'node:fs'
import { MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { expect, it } from 'vitest'
import { MAX_VAIN_DECODINGS } from '../src/block-file/import-blocks.ts'
import { MAX_REJECTIONS } from '../src/block-file/import-report.ts'
import { MAX_BLOCK_LENGTH } from '../src/block-file/record-scanner.ts'
import { MAX_WAITING } from '../src/block-file/waiting-records.ts'
import { MAX_MEMPOOL_FILE } from '../src/mempool-file.ts'
import { keeperLimits } from '../src/mempool-keeper.ts'
import { MAX_METRICS_CONNECTIONS, METRICS_REQUEST_TIMEOUT } from '../src/metrics/metrics-server.ts'
import { HEADROOM, LEAST_BLOCKS, MOST_BLOCKS } from '../src/pruner.ts'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')

it('docs/limits.md states the limits of pruning', () => {
  expect(statedUnder('Pruning')).toEqual({ MIN_KEPT_BLOCKS, LEAST_BLOCKS, MOST_BLOCKS, HEADROOM })
})

it('docs/limits.md states the limits of block files', () => {
  const limits = { MAX_BLOCK_LENGTH, MAX_VAIN_DECODINGS, MAX_WAITING, MAX_REJECTIONS }
  expect(statedUnder('Block files')).toMatchObject(limits)
})

it('docs/limits.md states the limits of metrics', () => {
  expect(statedUnder('Metrics')).toEqual({ MAX_METRICS_CONNECTIONS, METRICS_REQUEST_TIMEOUT })
})

it('docs/limits.md states the limits of the saved mempool', () => {
  expect(statedUnder('Saved mempool')).toEqual({ MAX_MEMPOOL_FILE, ...keeperLimits })
})

function statedUnder(heading: string): Record<string, number> {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` *\| ([\d,.]+) *\|/gm)
  return Object.fromEntries(Array.from(rows, ([, name, value]) => [name, Number(value?.replaceAll(',', ''))]))
}
