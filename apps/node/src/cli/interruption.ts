/**
 * Lets a command finish what it has begun when it is told to end; a second signal ends it at once.
 */

/** What {@link watchInterruption} gives. */
export interface Interruption {
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** Leaves signals to the system again. */
  readonly unwatch: () => void
}

/** Catches the first SIGINT or SIGTERM. */
export function watchInterruption(): Interruption {
  const controller = new AbortController()
  const unwatch = (): void => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
  const interrupt = (): void => {
    unwatch()
    controller.abort()
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  return { signal: controller.signal, unwatch }
}
