/** A disk that loses what was not made durable when its power fails: `npm run crash -- --power-cuts 500` does it more often. */
import { expect, test } from 'vitest'
import { CrashScene } from './crash/crash-scene.ts'
import { runPowerCuts, tracedWorks } from './crash/run-power-cuts.ts'
import { canTrace } from './crash/write-trace.ts'

const CUTS = 20
const hint = canTrace ? '' : ' (needs Linux, strace, and the right to trace processes)'

test.skipIf(!canTrace)(`what was acknowledged outlives ${CUTS} power cuts${hint}`, async () => {
  const scene = await CrashScene.create()
  const [work] = tracedWorks as [(typeof tracedWorks)[number]]
  const { cuts, syncs } = await runPowerCuts(work, scene, Number(process.env.CHAIN_TEST_SEED), CUTS)
  expect(cuts).toBe(CUTS)
  expect(syncs).toBeGreaterThan(50)
  scene.close()
})
