/**
 * `npm run bench [name…]`: runs the benches beside this file, or those whose file names contain one of the words.
 *
 * Informational. Another load on the machine disturbs medians; a ratio between two lines of one group says more.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type MakeBenches, measureGroup } from './measure.ts'

const words = process.argv.slice(2)
const suffix = '.bench.ts'

for (const file of readdirSync(import.meta.dirname).sort()) {
  if (!file.endsWith(suffix)) continue
  const name = file.slice(0, -suffix.length)
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue
  const { makeBenches } = (await import(join(import.meta.dirname, file))) as { makeBenches: MakeBenches }
  const groups = await makeBenches()
  if (typeof groups === 'string') console.log(`\n${name}: ${groups}`)
  else for (const group of groups) await measureGroup(group)
}
