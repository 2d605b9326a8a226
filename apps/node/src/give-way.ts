/**
 * Lets the network, RPC and timers have their turn while the chain works.
 *
 * Source: docs/architecture.md#turns
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { GiveWay } from '@chain/core/chain'

/** Milliseconds that the chain works without a pause. */
const TURN = 8

/** Makes the function that tells a chain when to stop for others. */
export function createGiveWay(): GiveWay {
  let since = performance.now()
  const pause = async (): Promise<void> => {
    await nextTurn()
    since = performance.now()
  }
  return () => (performance.now() - since < TURN ? undefined : pause())
}
