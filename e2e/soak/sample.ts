/**
 * What a process holds at a moment: memory, files, threads, and readers of LMDB.
 *
 * What the machine does not tell, as outside of Linux, is left out.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { open } from 'lmdb'

/** Numbers by what they count; memory in bytes. */
export type Sample = ReadonlyMap<string, number>

/**
 * Takes a sample.
 *
 * @param dataFile - a data file that this process has open
 */
export async function takeSample(dataFile: string): Promise<Sample> {
  await collectGarbage()
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  const sample = new Map([
    ['resident memory', rss],
    ['heap', heapUsed],
    ['array buffers', arrayBuffers],
    ['LMDB readers', await countReaders(dataFile)],
    ['data file', statSync(dataFile).size],
  ])
  if (!existsSync('/proc/self/fd')) return sample
  return sample
    .set('descriptors', readdirSync('/proc/self/fd').length)
    .set('threads', readdirSync('/proc/self/task').length)
    .set('memory maps', readFileSync('/proc/self/maps', 'latin1').split('\n').length)
}

/** Twice, with a turn of the event loop in between: what was waiting to be finalised is gone then. */
async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.()
    await nextTurn()
  }
}

/** Readers of a data file in this process, as LMDB lists them. */
async function countReaders(path: string): Promise<number> {
  // lmdb-js opens a file once for a whole process.
  const probe = open({ path, noSubdir: true, overlappingSync: false })
  const list = (probe as unknown as { readerList(): string }).readerList()
  await probe.close()
  return list.split('\n').filter((line) => line.includes(`${process.pid} `)).length
}
