/**
 * Lets a command finish what it has begun when it is told to end; a second signal ends it at once.
 */

import { countSignals } from '../signal-echo.ts'

/** What {@link watchInterruption} gives. */
export interface Interruption {
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** Leaves signals to the system again. */
  readonly unwatch: () => void
}

/** Catches the first SIGINT or SIGTERM; a second one is left to the system. */
export function watchInterruption(): Interruption {
  const controller = new AbortController()
  const unwatch = (): void => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
  const count = countSignals()
  const interrupt = (signal: NodeJS.Signals): void => {
    const turn = count()
    if (turn === 'first') controller.abort()
    if (turn !== 'second') return
    unwatch()
    process.kill(process.pid, signal)
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  return { signal: controller.signal, unwatch }
}
