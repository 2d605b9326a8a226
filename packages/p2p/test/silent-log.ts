/** A log that keeps nothing, for tests. */
import type { LogPort } from '../src/ports.ts'

const ignore = (): void => undefined

export const silentLog: LogPort = { debug: ignore, info: ignore, warn: ignore }
