/**
 * Cuts the power of processes that work on data directories, and judges what the disk has: a kill alone leaves everything
 * that was written, whether it was made durable or not.
 *
 * Each process runs once, under strace; from what it wrote, the disk is made anew for as many moments as one likes.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DATA_FILE } from '@chain/storage'
import { checkDirectory } from './check-directory.ts'
import type { CrashScene, Template } from './crash-scene.ts'
import { Disk } from './disk.ts'
import { chainLaunch, commandLaunch, type Launch } from './launches.ts'
import { Ledger } from './ledger.ts'
import { Random } from './random.ts'
import type { TraceEvent } from './write-trace.ts'

/** A process whose power is cut. */
export interface TracedWork {
  readonly name: string
  readonly template: Template
  readonly launch: (scene: CrashScene, directory: string) => Launch
}

/** All of them. */
export const tracedWorks: readonly TracedWork[] = [
  {
    name: 'everything at once',
    template: 'fork',
    launch: ({ blockFile: blocks }, directory) =>
      chainLaunch({ directory, blocks, follow: true, prune: true }),
  },
  {
    name: 'reorganisation',
    template: 'fork',
    launch: ({ blockFile: blocks }, directory) => chainLaunch({ directory, blocks }),
  },
  {
    name: 'pruning',
    template: 'indexed',
    launch: (_, directory) => chainLaunch({ directory, prune: true }),
  },
  {
    name: 'indexing',
    template: 'whole',
    launch: (_, directory) => chainLaunch({ directory, follow: true }),
  },
  {
    name: 'reindex-coins',
    template: 'whole',
    launch: (_, directory) => commandLaunch(directory, 'reindex', '--coins-only'),
  },
]

/** What became of a work. */
export interface PowerCutReport {
  readonly name: string
  readonly writes: number
  readonly syncs: number
  readonly cuts: number
  /** Cuts that left a chain amid a reorganisation, or amid connecting its blocks anew. */
  readonly midway: number
}

/**
 * Runs a process and cuts its power at so many moments.
 *
 * @throws {Error} what does not hold, and how to repeat it; the data directory is left then
 */
export async function runPowerCuts(
  { name, template, launch }: TracedWork,
  scene: CrashScene,
  seed: number,
  cuts: number,
): Promise<PowerCutReport> {
  const directory = scene.createDirectory(`power-${template}`, template)
  const disk = new Disk(readFileSync(join(directory, DATA_FILE)))
  const events = await scene.trace(launch(scene, directory), directory)
  const random = new Random(seed, `power cuts of ${name}`)
  const moments = Array.from({ length: cuts }, () => random.below(events.length + 1)).sort((a, b) => a - b)
  const lines: string[] = []
  let midway = 0
  let done = 0
  for (const moment of moments) {
    for (; done < moment; done++) take(events[done] as TraceEvent, disk, lines)
    const ledger = new Ledger(scene.truth.chain, scene.blocksOf(template))
    ledger.note(lines)
    const left = join(scene.root, 'power-cut')
    leave(left, disk.cut(random))
    try {
      const { isMidway } = await checkDirectory(left, scene.truth, ledger)
      if (isMidway) midway += 1
    } catch (error) {
      const message = `${name}, power cut after ${moment} of ${events.length} events: ${(error as Error).message}`
      const repeat = `npm run crash -- --power-cuts ${cuts * tracedWorks.length} --seed ${seed}`
      throw new Error(`${message}\nWhat was left: ${left}\nTo repeat: ${repeat}`, { cause: error })
    }
  }
  const count = (type: TraceEvent['type']): number => events.filter((event) => event.type === type).length
  return { name, writes: count('write'), syncs: count('sync'), cuts, midway }
}

function take(event: TraceEvent, disk: Disk, lines: string[]): void {
  if (event.type === 'line') lines.push(event.text.trimEnd())
  else disk.apply(event)
}

function leave(directory: string, dataFile: Buffer): void {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { mode: 0o700 })
  writeFileSync(join(directory, DATA_FILE), dataFile, { mode: 0o600 })
}
