/**
 * `npm run soak:network -- [--minutes 20] [--nodes 6] [--seed 1]`: runs a small network with blocks, payments and churn, and
 * tells whether what the nodes that stay up hold grows. Prints a table for each; ends with 1 when something does.
 */
import { parseArgs } from 'node:util'
import { formatNumber, judge } from '../judge.ts'
import type { Sample } from '../sample.ts'
import { NetworkSoak } from './network-soak.ts'
import { sampleNode } from './process-sample.ts'

/** Rounds that are needed to judge. */
const LEAST_ROUNDS = 8
/** Milliseconds between two lines about how it goes. */
const INTERVAL = 30_000
/** Milliseconds that a round takes at least. */
const ROUND_TIME = 2_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    nodes: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
  },
})
const duration = Number(values.minutes) * 60_000
const start = performance.now()
const soak = await NetworkSoak.begin({
  nodes: Number(values.nodes),
  seed: Number(values.seed),
  args: ['--metrics', '127.0.0.1:0'],
})
const urls = soak.lasting.map(metricsUrl)
const samples = soak.lasting.map((): Sample[] => [])
let told = start
for (let rounds = 0; performance.now() - start < duration || rounds < LEAST_ROUNDS; rounds++) {
  const next = performance.now() + ROUND_TIME
  await soak.round({ strangers: performance.now() - start < duration / 2 })
  for (const [index, node] of soak.lasting.entries()) {
    samples[index]?.push(await sampleNode(node.pid, urls[index] as string))
  }
  if (performance.now() - told >= INTERVAL) tell()
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
}
const tip = await soak.agree()
await soak.close()
const failures = samples.flatMap((ofNode) => {
  const { table, failures } = judge(ofNode)
  console.table(table)
  return failures
})
console.log(`After ${secondsSince(start)} s all nodes have the tip ${tip}:`, soak.counts)
for (const failure of failures) console.error(failure)
if (failures.length > 0) process.exitCode = 1

/** Where a node serves its metrics: it chose the port itself. */
function metricsUrl({ stderr }: { readonly stderr: string }): string {
  const [url] = /http:[^"\s]+\/metrics/.exec(stderr) ?? []
  if (url === undefined) throw new Error('A node does not say where its metrics are.')
  return url
}

function tell(): void {
  told = performance.now()
  const lines = samples.map((ofNode) =>
    Array.from(ofNode.at(-1) ?? [], ([name, value]) => `${name} ${formatNumber(name, value)}`).join(', '),
  )
  console.log(`${secondsSince(start)} s: ${lines.join(' | ')}`, soak.counts)
}

function secondsSince(time: number): string {
  return ((performance.now() - time) / 1_000).toFixed(0)
}
