/**
 * The log of a node: lines on stderr, pretty for people or JSON for machines, coloured on terminals only.
 */
import { type Logger, pino } from 'pino'
import { PinoPretty } from 'pino-pretty'

export type { Logger } from 'pino'

/** How much is logged, from little to much. */
export const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** One of {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number]

/** How log lines look. */
export const logFormats = ['pretty', 'json'] as const

/** One of {@link logFormats}. */
export type LogFormat = (typeof logFormats)[number]

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Whether pretty lines are coloured. */
  readonly colour: boolean
}

const STDERR = 2

/** A logger that writes to stderr at once, so that the last lines before an end are not lost. */
export function createLogger({ level, format, colour }: LoggerOptions): Logger {
  if (format === 'json') {
    return pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: STDERR, sync: true }),
    )
  }
  const stream = PinoPretty({
    destination: STDERR,
    sync: true,
    colorize: colour,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname',
    singleLine: true,
  })
  return pino({ level, base: null }, stream)
}
