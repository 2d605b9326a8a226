/**
 * The kills that belong to the test suite, for end-to-end tests.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CrashScene } from './crash-scene.ts'
import { operations } from './operations.ts'
import { runKills } from './run-kills.ts'
import { sharesOf } from './shares.ts'

/** Kills of all operations together, at least. */
const KILLS = 50

/** Adds a test for each of some operations, with its share of the kills; draws from the seed of the run. */
export function testKills(names: readonly string[]): void {
  const seed = Number(process.env.CHAIN_TEST_SEED)
  let scene: CrashScene
  let isIntact = true
  beforeAll(async () => {
    scene = await CrashScene.create()
  })
  afterAll(() => {
    if (isIntact) scene.close()
  })
  const chosen = sharesOf(operations, KILLS).filter(([{ name }]) => names.includes(name))
  for (const [operation, kills] of chosen) {
    const title = `${operation.name}: what was acknowledged outlives ${kills} kills, and what was not is gone or goes on`
    test(title, async () => {
      isIntact = false
      const report = await runKills(operation, scene, seed, kills)
      expect(report.kills).toBe(kills)
      isIntact = true
    })
  }
}
