/**
 * `npm run crash -- [--kills 500] [--seed N] [--only <operation>]`: kills processes that work on data directories, at random
 * moments, and judges what they leave.
 *
 * `npm run crash -- --power-cuts 500 [--seed N]`: the same with the power of the disk, for which it needs Linux and strace.
 *
 * Prints a table; ends with 1 at the first thing that does not hold.
 */
import { parseArgs } from 'node:util'
import { CrashScene } from './crash-scene.ts'
import { operations } from './operations.ts'
import { type KillReport, runKills } from './run-kills.ts'
import { type PowerCutReport, runPowerCuts, tracedWorks } from './run-power-cuts.ts'
import { sharesOf } from './shares.ts'
import { canTrace } from './write-trace.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    'power-cuts': { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const { 'power-cuts': cuts } = values
console.log(`seed ${seed}`)
const start = performance.now()
const scene = await CrashScene.create()
try {
  console.table(cuts === undefined ? await kill(Number(values.kills)) : await cutPower(Number(cuts)))
  scene.close()
  const seconds = ((performance.now() - start) / 1_000).toFixed(0)
  console.log(`${seconds} s, seed ${seed}: nothing that was acknowledged was lost`)
} catch (error) {
  console.error((error as Error).message)
  console.error((error as Error).cause)
  process.exitCode = 1
}

async function kill(kills: number): Promise<KillReport[]> {
  const chosen = operations.filter(({ name }) => values.only === undefined || name === values.only)
  if (chosen.length === 0) throw new Error(`Operations are ${operations.map(({ name }) => name).join(', ')}.`)
  const reports: KillReport[] = []
  for (const [operation, share] of sharesOf(chosen, kills)) {
    reports.push(await runKills(operation, scene, seed, share))
    console.log(`${operation.name}: ${share} kills`)
  }
  return reports
}

async function cutPower(all: number): Promise<PowerCutReport[]> {
  if (!canTrace) throw new Error('Power cuts need Linux, strace, and the right to trace processes.')
  const share = Math.ceil(all / tracedWorks.length)
  const reports: PowerCutReport[] = []
  for (const work of tracedWorks) {
    reports.push(await runPowerCuts(work, scene, seed, share))
    console.log(`${work.name}: ${share} power cuts`)
  }
  return reports
}
