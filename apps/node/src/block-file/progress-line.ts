/**
 * How far an import or export is, in one line for people at a terminal.
 */

/** How far the work is. */
export interface Progress {
  /** Part of the work that is done, from 0 to 1. */
  readonly done: number
  readonly blocks: number
  /** Of the blocks that were read or written; left out where they are not known. */
  readonly bytes?: number
  /** Since the beginning. */
  readonly seconds: number
}

/** Characters of the bar. */
const BAR_LENGTH = 20

/** Such as `[#####---------------]  25 %, 92 blocks, 78.9 blocks/s, 4.8 MB/s, 4 s left`. */
export function formatProgress({ done, blocks, bytes, seconds }: Progress): string {
  const part = Math.min(Math.max(done, 0), 1)
  const marks = Math.floor(part * BAR_LENGTH)
  const bar = `[${'#'.repeat(marks)}${'-'.repeat(BAR_LENGTH - marks)}]`
  const percent = String(Math.floor(part * 100)).padStart(3)
  return `${bar} ${percent} %, ${blocks} blocks, ${formatRates(blocks, bytes, seconds)}, ${formatRest(part, seconds)}`
}

/** Such as `78.9 blocks/s, 4.8 MB/s`. */
export function formatRates(blocks: number, bytes: number | undefined, seconds: number): string {
  const time = Math.max(seconds, 0.001)
  const rate = `${(blocks / time).toFixed(1)} blocks/s`
  return bytes === undefined ? rate : `${rate}, ${(bytes / time / 1e6).toFixed(1)} MB/s`
}

/** The time that the rest takes if it goes on as it did so far. */
function formatRest(part: number, seconds: number): string {
  if (part === 0) return 'time left unknown'
  const left = Math.ceil((seconds / part) * (1 - part))
  const [hours, minutes] = [Math.floor(left / 3_600), Math.floor(left / 60) % 60]
  if (hours > 0) return `${hours} h ${minutes} min left`
  return minutes > 0 ? `${minutes} min ${left % 60} s left` : `${left} s left`
}
