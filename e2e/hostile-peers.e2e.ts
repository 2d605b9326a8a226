/**
 * Hostile peers against a live node: after each attack the node follows the honest one, serves newcomers, and takes no more
 * memory than before. `npm run hostile -- --long` gives each attack more time.
 */
import { afterAll, beforeAll, test } from 'vitest'
import { attacks } from './hostile/attacks/index.ts'
import { Stage } from './hostile/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await Stage.begin()
})

afterAll(async () => {
  await stage.close()
})

test.each(attacks)('a node withstands $title', async (attack) => {
  await stage.suffer(attack)
})
