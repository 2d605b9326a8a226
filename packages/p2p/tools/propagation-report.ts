/**
 * The results of the propagation experiment as a table and as a plot.
 */
import type { Propagation } from './propagate.ts'

/** The value below which so much of a sorted list lies; `part` from 0 to 1. */
function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0
}

function nameOf({ compactBlocks }: Propagation): string {
  return compactBlocks ? 'compact blocks' : 'headers first'
}

/** A table in Markdown. */
export function formatTable(results: readonly Propagation[]): string {
  const rows = results.map((result) => {
    const times = [0.5, 0.95, 1].map((part) => `${(quantile(result.times, part) / 1_000).toFixed(2)} s`)
    const mean = result.sent.reduce((sum, bytes) => sum + bytes, 0) / result.sent.length
    const bytes = [mean, quantile(result.sent, 0.5), quantile(result.sent, 1)]
    const sizes = bytes.map((each) => `${(each / 1_000).toFixed(1)} kB`)
    return `| ${[result.nodes, nameOf(result), ...times, ...sizes].join(' | ')} |`
  })
  return [
    '| nodes | mode | 50 % | 95 % | 100 % | sent per node, mean | median | most |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

const [width, height, left, top, right, bottom] = [760, 420, 60, 24, 190, 48]

const colours = ['#9ecae1', '#4292c6', '#08519c', '#fdae6b', '#f16913', '#a63603']

/** A plot as SVG: which part of the nodes has the block after which time, on a logarithmic scale. */
export function formatPlot(results: readonly Propagation[]): string {
  const most = Math.max(...results.flatMap(({ times }) => times))
  const [first, last] = [100, 10 ** (Math.ceil(Math.log10(most) * 4) ** 1)]
  const end = Math.min(last, 10 ** (Math.ceil(Math.log10(most) * 4) / 4))
  const x = (time: number): number => {
    const part = Math.log(Math.max(time, first) / first) / Math.log(end / first)
    return left + part * (width - left - right)
  }
  const y = (part: number): number => top + (1 - part) * (height - top - bottom)
  const marks = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000].filter((mark) => mark <= end)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    '<title>Part of the nodes that have the block, over time</title>',
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...marks.flatMap((mark) => [
      `<line x1="${px(x(mark))}" x2="${px(x(mark))}" y1="${y(1)}" y2="${y(0)}" stroke="#ddd"/>`,
      `<text x="${px(x(mark))}" y="${y(0) + 18}" text-anchor="middle">${mark / 1_000} s</text>`,
    ]),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
      `<line x1="${left}" x2="${width - right}" y1="${px(y(part))}" y2="${px(y(part))}" stroke="#ddd"/>`,
      `<text x="${left - 8}" y="${px(y(part) + 4)}" text-anchor="end">${100 * part} %</text>`,
    ]),
    `<text x="${left}" y="${height - 8}">time since the block was found</text>`,
    ...sorted(results).flatMap((result, index) => {
      const points = result.times.map((time, place) => {
        return `${px(x(time))},${px(y((place + 1) / result.times.length))}`
      })
      const colour = colours[index % colours.length]
      const line = top + 12 + 20 * index
      return [
        `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        `<line x1="${width - right + 12}" x2="${width - right + 32}" y1="${line}" y2="${line}" stroke="${colour}" stroke-width="3"/>`,
        `<text x="${width - right + 38}" y="${line + 4}">${result.nodes}, ${nameOf(result)}</text>`,
      ]
    }),
    '</svg>',
    '',
  ].join('\n')
}

/** Compact blocks first, each mode by size. */
function sorted(results: readonly Propagation[]): Propagation[] {
  const bySize = [...results].sort((a, b) => a.nodes - b.nodes)
  return [true, false].flatMap((mode) => bySize.filter(({ compactBlocks }) => compactBlocks === mode))
}

function px(value: number): string {
  return value.toFixed(1)
}
