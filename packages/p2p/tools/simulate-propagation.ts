/**
 * `npm run simulate:propagation`: how fast a full block of known transactions reaches networks of several sizes, with compact
 * blocks and without.
 *
 *     npm run simulate:propagation -- [--seed 1] [--nodes 100,300,1000] [--mode headers|compact|both]
 *                                     [--transactions 2000] [--results FILE] [--write]
 *
 * `--results` keeps what came out in a JSON file, together with what it holds of other sizes and modes; `--write` puts the
 * table and the plot into `docs/propagation.md` and `docs/propagation.svg`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createFullBlock } from './full-block.ts'
import { type Propagation, propagate, type Run } from './propagate.ts'
import { formatPlot, formatTable } from './propagation-report.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '100,300,1000' },
    mode: { type: 'string', default: 'both' },
    transactions: { type: 'string', default: '2000' },
    results: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

const sizes = values.nodes.split(',').filter((text) => text !== '')
const modes = [false, true].filter((compact) => values.mode !== (compact ? 'headers' : 'compact'))
const runs = sizes.flatMap((size) =>
  modes.map((compactBlocks): Run => ({ seed: Number(values.seed), nodes: Number(size), compactBlocks })),
)
const fullBlock = createFullBlock(Number(values.transactions))
let results = readResults()
for (const run of runs) {
  const start = performance.now()
  const result = await propagate(run, fullBlock, (done) => {
    const [seconds, megabytes] = [(performance.now() - start) / 1_000, process.memoryUsage().rss / 1_000_000]
    const mode = run.compactBlocks ? 'compact blocks' : 'headers first'
    console.error(
      `${run.nodes} nodes, ${mode}, after ${seconds.toFixed(0)} s and with ${megabytes.toFixed(0)} MB: ${done}`,
    )
  })
  results = [...results.filter((other) => !isSameRun(other, run)), result]
  if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(results))
}
results.sort((a, b) =>
  a.nodes === b.nodes ? Number(a.compactBlocks) - Number(b.compactBlocks) : a.nodes - b.nodes,
)
const table = `A block of ${results[0]?.blockBytes ?? 0} bytes, seed ${values.seed}:\n\n${formatTable(results)}`
console.log(table)
if (values.write) writeReport()

function readResults(): Propagation[] {
  if (values.results === undefined || !existsSync(values.results)) return []
  return JSON.parse(readFileSync(values.results, 'utf8')) as Propagation[]
}

function isSameRun(a: Run, b: Run): boolean {
  return a.nodes === b.nodes && a.compactBlocks === b.compactBlocks && a.seed === b.seed
}

function writeReport(): void {
  const docs = join(import.meta.dirname, '../../../docs')
  const path = join(docs, 'propagation.md')
  const marks = ['<!-- results -->', '<!-- end of results -->'] as const
  const [head = '', rest = ''] = readFileSync(path, 'utf8').split(marks[0])
  const [, tail = ''] = rest.split(marks[1])
  writeFileSync(path, [head, marks[0], `\n\n${table}\n\n`, marks[1], tail].join(''))
  writeFileSync(join(docs, 'propagation.svg'), formatPlot(results))
}
