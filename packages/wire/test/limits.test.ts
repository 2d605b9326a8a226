import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  fieldLimits,
  frameLimits,
  maxBlockBytes,
  maxLengthPrefixBytes,
  maxRelayedTransactionBytes,
  relayQueueBytes,
  relayQueueMessages,
  streamLimits,
  timeLimits,
} from '../src/index.ts'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')

/** The rows `| \`name\` | number | …` under a heading of the page, as an object. */
function table(heading: string): Record<string, number> {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` *\| ([\d,]+) *\|/gm)
  return Object.fromEntries(Array.from(rows, ([, name, value]) => [name, Number(value?.replaceAll(',', ''))]))
}

describe('docs/limits.md states', () => {
  it('the limit of every frame', () => {
    expect(table('Frames')).toEqual({ ...frameLimits, 'length prefix': maxLengthPrefixBytes })
  })

  it('the limit of every field', () => {
    expect(table('Fields')).toEqual({
      ...fieldLimits,
      'raw block': maxBlockBytes,
      'raw transaction': maxRelayedTransactionBytes,
    })
  })

  it('the limit of streams per protocol', () => {
    const inbound = Object.entries(streamLimits).map(([name, limit]) => [`${name} inbound`, limit.inbound])
    const outbound = Object.entries(streamLimits).map(([name, limit]) => [`${name} outbound`, limit.outbound])
    expect(table('Streams')).toEqual(Object.fromEntries([...inbound, ...outbound]))
  })

  it('every time-out', () => {
    expect(table('Times')).toEqual(timeLimits)
  })

  it('the queue of a relay stream', () => {
    expect(table('Queues')).toEqual({ relayQueueMessages, relayQueueBytes })
  })
})
