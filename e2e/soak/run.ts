/**
 * `npm run soak -- [--minutes 10] [--blocks FILE]`: does what a node does for months, over and over, and tells whether what
 * the process holds grows. Prints a table; ends with 1 when something does.
 */
import { parseArgs } from 'node:util'
import { formatNumber, judge } from './judge.ts'
import { type Sample, takeSample } from './sample.ts'
import { Soak } from './soak.ts'

/** Samples that are needed to judge. */
const LEAST_ROUNDS = 8
/** Milliseconds between two lines about how it goes. */
const INTERVAL = 30_000

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, blocks: { type: 'string' } },
})
const duration = Number(values.minutes) * 60_000
const start = performance.now()
const soak = await Soak.begin(values.blocks)
const samples: Sample[] = []
let told = start
while (performance.now() - start < duration || samples.length < LEAST_ROUNDS) {
  await soak.round()
  const sample = await takeSample(soak.dataFile)
  samples.push(sample)
  if (performance.now() - told < INTERVAL) continue
  told = performance.now()
  const numbers = Array.from(sample, ([name, value]) => `${name} ${formatNumber(name, value)}`).join(', ')
  console.log(`${secondsSince(start)} s, round ${soak.counts.rounds}: ${numbers}`)
}
await soak.close()
const { table, failures } = judge(samples)
console.table(table)
const { rounds, imported, moved, lookups } = soak.counts
console.log(
  `${rounds} rounds in ${secondsSince(start)} s: ${imported} blocks imported, ${moved} connected or disconnected in reorganisations, ${lookups} lookups`,
)
for (const failure of failures) console.error(failure)
if (failures.length > 0) process.exitCode = 1

function secondsSince(time: number): string {
  return ((performance.now() - time) / 1_000).toFixed(0)
}
