/** A real logger whose lines tests can read. */
import { pino } from 'pino'
import type { Logger } from '../src/logger.ts'

/** A line as the log has it, without time and process. */
export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** A logger, and what it has written so far. */
export function recordLog(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as LogLine)
  return { log: pino({ base: null, timestamp: false }, { write }), lines }
}

/** Of `pino`, for what is as it should be. */
export const INFO_LEVEL = 30

/** Of `pino`, for what somebody has to look at. */
export const ERROR_LEVEL = 50
