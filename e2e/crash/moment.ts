/**
 * When to kill a process: at a moment that is drawn over its whole life, with weight on where it writes.
 */
import type { Random } from './random.ts'

/** What a process is watched for. */
export type Sign =
  /** The start of the process. */
  | 'start'
  /** It takes the lock of its data directory. */
  | 'lock'
  /** It writes to a data file. */
  | 'write'
  /** A data file gets its name. */
  | 'rename'
  /** It says something. */
  | 'line'

/** A moment in the life of a process. */
export interface Moment {
  readonly after: Sign
  /** Which one of these signs; 1 is the first. */
  readonly count: number
  /** Milliseconds from then on. */
  readonly delay: number
}

/** How a process lived that was not killed. */
export interface Life {
  /** Milliseconds from its start until it took the lock. */
  readonly startUp: number
  /** Milliseconds from then until it released it. */
  readonly open: number
  /** How often each sign was seen. */
  readonly signs: ReadonlyMap<Sign, number>
}

/** Milliseconds after a sign, at most: the time of a few writes. */
const SHORTLY = 3

/** Draws a moment in a life that is expected to be like an earlier one. */
export function drawMoment(random: Random, { startUp, open, signs }: Life): Moment {
  const kind = random.fraction()
  if (kind < 0.08) return { after: 'start', count: 1, delay: random.fraction() * startUp }
  const likely = (['write', 'line', 'rename'] as const).filter((sign) => (signs.get(sign) ?? 0) > 0)
  if (kind < 0.4 || likely.length === 0)
    return { after: 'lock', count: 1, delay: random.fraction() * open * 1.1 }
  const after = random.pick(likely)
  const count = 1 + random.below(signs.get(after) as number)
  return { after, count, delay: random.below(2) * random.fraction() * SHORTLY }
}

/** Says when it is. */
export function formatMoment({ after, count, delay }: Moment): string {
  const sign = count === 1 ? after : `${after} ${count}`
  return `${delay.toFixed(1)} ms after ${sign}`
}
