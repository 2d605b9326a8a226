/**
 * Judges the samples of a soak.
 */
import type { Sample } from './sample.ts'
import { trendOf } from './trend.ts'

const MEBIBYTE = 1024 * 1024

/** By how much a number may grow over the second half of a soak: a part of itself, or so much in any case. */
const allowances: Readonly<Record<string, { readonly part: number; readonly least: number }>> = {
  'resident memory': { part: 0.05, least: 16 * MEBIBYTE },
  'private memory': { part: 0.05, least: 16 * MEBIBYTE },
  'mapped files': { part: 0.05, least: 16 * MEBIBYTE },
  heap: { part: 0.05, least: MEBIBYTE },
  'array buffers': { part: 0.05, least: MEBIBYTE },
  'data file': { part: 0.05, least: MEBIBYTE },
  'memory maps': { part: 0.05, least: 8 },
  // Of a network whose nodes come and go.
  connections: { part: 0, least: 2.5 },
  streams: { part: 0, least: 5.5 },
}
/** What may not grow at all. */
const none = { part: 0, least: 0.5 }

/** What became of the samples. */
export interface Judgement {
  /** A line for each number, for people; memory in mebibytes. */
  readonly table: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** A sentence for each number that grows. */
  readonly failures: readonly string[]
}

/** Judges samples, of which there are eight at least. Outliers do not matter, steady growth does. */
export function judge(samples: readonly Sample[]): Judgement {
  const table: Record<string, Record<string, string>> = {}
  const failures: string[] = []
  const [first = new Map<string, number>()] = samples
  for (const [name, begin] of first) {
    const trend = trendOf(samples.map((sample) => sample.get(name) ?? 0))
    const { part, least } = allowances[name] ?? none
    const allowed = Math.max(least, trend.third * part)
    const format = (value: number): string => formatNumber(name, value)
    table[name] = {
      'first round': format(begin),
      'third quarter': format(trend.third),
      'last quarter': format(trend.last),
      most: format(trend.most),
      'growth in the second half': format(trend.growth),
      allowed: format(allowed),
    }
    if (trend.growth > allowed || trend.last - trend.third > allowed)
      failures.push(`What grows: ${name}, from ${format(trend.third)} to ${format(trend.last)}.`)
  }
  return { table, failures }
}

/** A number, as people read it. */
export function formatNumber(name: string, value: number): string {
  const isMemory = (allowances[name]?.least ?? 0) >= MEBIBYTE
  return isMemory ? `${(value / MEBIBYTE).toFixed(2)} MiB` : String(Math.round(value * 100) / 100)
}
