/**
 * Tells the log when the node comes into another state, so that whoever reads only the log knows whether it is synced.
 */
import type { Logger } from './logger.ts'
import type { NodeStatus } from './node-status.ts'

/** Milliseconds between two looks. */
const LOOK_INTERVAL = 1_000

/** Logs each state that two looks in a row have found, so that a block on its way is no news; returns what ends it. */
export function logStates(
  look: () => Pick<NodeStatus, 'state' | 'why' | 'height' | 'peers'>,
  log: Logger,
): () => void {
  let seen: string | undefined
  let told: string | undefined
  const timer = setInterval(() => {
    const { state, why, height, peers } = look()
    if (state === seen && state !== told) {
      log.info({ state, height, peers }, why)
      told = state
    }
    seen = state
  }, LOOK_INTERVAL)
  return () => clearInterval(timer)
}
