/** A real logger that writes nothing. */
import { createLogger, type Logger } from '../src/logger.ts'

export const quietLog: Logger = createLogger({ level: 'silent', format: 'json', colour: false })
