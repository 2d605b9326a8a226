/**
 * What a running node holds at a moment: what the machine tells of the process, and what the node tells of itself.
 *
 * Not for this process (`../sample.ts`). What the machine does not tell, as outside of Linux, is left out.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Sample } from '../sample.ts'

/** Takes a sample of the process with this id. */
export function sampleProcess(pid: number): Sample {
  const directory = `/proc/${pid}`
  if (!existsSync(directory)) return new Map()
  const [, resident = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${directory}/status`, 'latin1')) ?? []
  return new Map([
    ['resident memory', Number(resident) * 1_024],
    ['descriptors', readdirSync(`${directory}/fd`).length],
    ['threads', readdirSync(`${directory}/task`).length],
  ])
}
