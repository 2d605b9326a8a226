/**
 * Measures groups of cases and prints medians, rates, and how the first case of a group, which is ours, compares with its
 * peers: others' code that does the same work in the same run. For people: nothing is asserted.
 */
import { Bench, type Statistics, type Task } from 'tinybench'

/** One thing to measure. */
export interface BenchCase {
  readonly name: string
  /** Whether this is others' code for the work of the group's first case. */
  readonly isPeer?: true
  readonly run: () => unknown
}

/** Cases that belong together. */
export interface BenchGroup {
  readonly title: string
  /** What one run of each case does, and how often. */
  readonly work: readonly [count: number, unit: string]
  readonly cases: readonly BenchCase[]
}

/** What a bench file makes, when its turn has come; or why it cannot run here. */
export type MakeBenches = () => Promise<readonly BenchGroup[] | string> | readonly BenchGroup[] | string

/** Milliseconds that each case is measured for, and runs of it, whichever takes longer. */
const TIME = 800
const RUNS = 7

/** Measures a group and prints it. */
export async function measureGroup({ title, work, cases }: BenchGroup): Promise<void> {
  const bench = new Bench({
    time: TIME,
    iterations: RUNS,
    warmupTime: TIME / 4,
    warmupIterations: 2,
    throws: true,
  })
  for (const { name, run } of cases) bench.add(name, run)
  await bench.run()
  console.log(`\n${title}`)
  const [ours] = bench.tasks.map(medianOf)
  for (const [index, task] of bench.tasks.entries()) {
    const { p50: median, min: best } = latencyOf(task)
    const isPeer = cases[index]?.isPeer === true && ours !== undefined
    const ratio = isPeer ? `; ours is ${(median / ours).toFixed(1)} times as fast` : ''
    console.log(`  ${task.name.padEnd(32)} ${line(median, best, work)}${ratio}`)
  }
}

function medianOf(task: Task): number {
  return latencyOf(task).p50
}

function latencyOf({ name, result }: Task): Statistics {
  if (result.state !== 'completed') throw new Error(`The bench "${name}" was ${result.state}.`)
  return result.latency
}

function line(median: number, best: number, [count, unit]: BenchGroup['work']): string {
  const rate = Number(((count / median) * 1_000).toPrecision(3)).toLocaleString('en')
  return `median ${milliseconds(median)}, best ${milliseconds(best)}, ${rate.padStart(11)} ${unit}/s`
}

function milliseconds(value: number): string {
  return `${value.toPrecision(3)} ms`.padStart(10)
}
