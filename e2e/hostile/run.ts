/**
 * `npm run hostile -- [--long] [--only TEXT]`: every attack on a live node, with the memory that it takes.
 *
 * `--long` gives each of them more time; `--only` picks those whose title holds a text. Ends with 1 when the node suffers.
 */
import { parseArgs } from 'node:util'
import { attacks } from './attacks/index.ts'
import { Stage, toMegabytes } from './stage.ts'

const { values } = parseArgs({
  options: { long: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})
const stage = await Stage.begin(values.long)
const rows: Record<string, string | number>[] = []
for (const attack of attacks.filter(({ title }) => title.includes(values.only))) {
  const start = performance.now()
  const row: Record<string, string | number> = { attack: attack.title }
  rows.push(row)
  try {
    const { before, peak, after } = await stage.suffer(attack)
    row.before = toMegabytes(before)
    row.peak = toMegabytes(peak)
    row.after = toMegabytes(after)
  } catch (error) {
    row.failure = (error as Error).message.split('\n')[0] ?? ''
    process.exitCode = 1
  }
  row.seconds = Math.round((performance.now() - start) / 100) / 10
  console.log(JSON.stringify(row))
  if (!stage.target.running) {
    console.error(stage.target.stderr.slice(-10_000))
    break
  }
}
console.table(rows)
await stage.close()
