/**
 * `npm run bench:coins [numbers of coins…]`: makes a data directory for each number of coins (100,000, 1,000,000 and 5,000,000
 * unless given), and prints how long it takes to open, how fast coins are looked up and written, and what memory and disk that
 * takes.
 *
 * Each is opened twice: when the system has forgotten the file, as far as `dd` can make it, and when it is in memory.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DATA_FILE } from '@chain/storage'
import type { CoinMeasurements, Memory } from './measure-store.ts'

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100_000, 1_000_000, 5_000_000]

for (const count of counts) measureCount(count)

function measureCount(count: number): void {
  const directory = mkdtempSync(join(tmpdir(), 'chain-bench-coins-'))
  try {
    const { seconds } = run('fill-store.ts', directory, count) as { seconds: number }
    const file = join(directory, DATA_FILE)
    const { size } = statSync(file)
    console.log(`\n${format(count)} coins: ${megabytes(size)}, ${Math.round(size / count)} bytes for each`)
    console.log(`  filled, 100,000 at a time:  ${format(count / seconds)} coins/s`)
    if (forgetFile(file)) report('from the disk', run('measure-store.ts', directory, count))
    report('in memory', run('measure-store.ts', directory, count, 'write'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Runs a program beside this one in a process of its own; it prints one JSON value. */
function run(program: string, directory: string, count: number, ...words: readonly string[]): unknown {
  const args = [
    '--conditions=@chain/source',
    join(import.meta.dirname, program),
    directory,
    String(count),
    ...words,
  ]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ended with ${String(status)}: ${stderr}`)
  return JSON.parse(stdout)
}

/** Asks the system to drop the pages of a file from memory. */
function forgetFile(file: string): boolean {
  return spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none']).status === 0
}

function report(title: string, measured: unknown): void {
  const found = measured as CoinMeasurements
  console.log(`  ${title}:`)
  console.log(`    open and ready:             ${found.open.toFixed(0)} ms`)
  console.log(`    look-ups, the first 50,000: ${format(found.firstLookUps)}/s`)
  console.log(`    look-ups, the next 50,000:  ${format(found.lookUps)}/s`)
  console.log(`    look-ups of those again:    ${format(found.cachedLookUps)}/s`)
  console.log(`    memory then:                ${describe(found.memory)}`)
  if (found.written === undefined) return
  console.log(`    written and spent:          ${format(found.written.changes)} coins/s, 50,000 at a time`)
  console.log(`    memory then:                ${describe(found.written.memory)}`)
}

function describe({ all, own }: Memory): string {
  return own === undefined ? megabytes(all) : `${megabytes(all)}, ${megabytes(own)} of it not pages of files`
}

function format(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
