/**
 * The memory of a process, as the system counts it.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { platform } from 'node:process'
import { promisify } from 'node:util'

/** Resident bytes of a process: `VmRSS` on Linux, what `ps` says elsewhere. */
export async function residentBytes(pid: number): Promise<number> {
  const kilobytes = platform === 'linux' ? await fromProc(pid) : await fromPs(pid)
  if (!Number.isFinite(kilobytes)) throw new Error(`The memory of process ${pid} cannot be read.`)
  return kilobytes * 1_024
}

async function fromProc(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1])
}

async function fromPs(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout)
}
