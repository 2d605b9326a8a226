/**
 * `npm run crash -- [--kills 500] [--seed N] [--only <operation>]`: kills processes that work on data directories, at random
 * moments, and judges what they leave. Prints a table; ends with 1 at the first thing that does not hold.
 */
import { parseArgs } from 'node:util'
import { CrashScene } from './crash-scene.ts'
import { operations } from './operations.ts'
import { type KillReport, runKills } from './run-kills.ts'
import { sharesOf } from './shares.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '500' }, seed: { type: 'string' }, only: { type: 'string' } },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const chosen = operations.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0) throw new Error(`Operations are ${operations.map(({ name }) => name).join(', ')}.`)
console.log(`seed ${seed}`)
const scene = await CrashScene.create()
const start = performance.now()
const reports: KillReport[] = []
try {
  for (const [operation, kills] of sharesOf(chosen, Number(values.kills))) {
    const report = await runKills(operation, scene, seed, kills)
    reports.push(report)
    console.log(JSON.stringify(report))
  }
  scene.close()
  console.table(reports)
  const sum = reports.reduce((total, { kills }) => total + kills, 0)
  const seconds = ((performance.now() - start) / 1_000).toFixed(0)
  console.log(`${sum} kills in ${seconds} s, seed ${seed}: nothing that was acknowledged was lost`)
} catch (error) {
  console.error((error as Error).message)
  console.error((error as Error).cause)
  process.exitCode = 1
}
