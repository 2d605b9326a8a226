/**
 * Runs a program to its end and measures it from outside, the same way for ours and for others'.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What a run took. */
export interface Run {
  /** From the start of the process to its end. */
  readonly seconds: number
  /** Most memory that was resident at once, threads included; `undefined` where the system does not tell. */
  readonly peakRssBytes: number | undefined
  readonly output: string
}

/** Milliseconds between two looks at the memory: only what is taken in the last moment can be missed. */
const LOOK_INTERVAL = 10

/** Runs a program; rejects with what it wrote when it does not end with 0. */
export async function runToEnd(program: string, words: readonly string[]): Promise<Run> {
  const start = performance.now()
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const end = (): boolean => child.kill('SIGKILL')
  process.once('exit', end)
  let peakRssBytes: number | undefined
  const looks = setInterval(() => {
    peakRssBytes = readPeakRss(child) ?? peakRssBytes
  }, LOOK_INTERVAL)
  try {
    const output = await outputOf(child)
    return { seconds: (performance.now() - start) / 1_000, peakRssBytes, output }
  } finally {
    clearInterval(looks)
    process.off('exit', end)
  }
}

async function outputOf(child: ChildProcess): Promise<string> {
  let [output, errors] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${String(code)}: ${errors}${output}`)
  return output
}

/** Linux keeps the most that was resident in the status of a process, until it ends. */
function readPeakRss({ pid }: ChildProcess): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? []
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024
  } catch {
    // The process has just ended, or this is not Linux.
    return undefined
  }
}
