/**
 * What is said to a peer before its connection is closed, and what follows from what a peer says to us.
 *
 * Source: docs/protocol/peers.md#goodbye
 */
import { type Goodbye, type GoodbyeReason, goodbyeReasons } from '@chain/wire'
import type { StatusVerdict } from './status-check.ts'

/** Why this node closes a connection. */
export interface Farewell {
  readonly reason: GoodbyeReason
  /** For people. */
  readonly sentence: string
}

/** Farewells that need no further words. */
export const farewells: Readonly<
  Record<'full' | 'evicted' | 'stopping' | 'no-status' | 'surplus' | 'feeler' | 'operator', Farewell>
> = {
  full: { reason: 'full', sentence: 'There is no room for another peer.' },
  evicted: { reason: 'full', sentence: 'There is no room, and another peer is more useful.' },
  stopping: { reason: 'stopping', sentence: 'This node stops.' },
  'no-status': { reason: 'no-status', sentence: 'No status came in time.' },
  surplus: { reason: 'done', sentence: 'There are more peers than are needed.' },
  feeler: { reason: 'done', sentence: 'This was to see whether the address works.' },
  operator: { reason: 'done', sentence: 'The operator closed the connection.' },
}

const verdictFarewells: Partial<Record<StatusVerdict, Farewell>> = {
  'other-network': { reason: 'other-network', sentence: 'The chain begins with another block.' },
  'clock-skew': { reason: 'wrong-clock', sentence: 'The clocks are too far apart.' },
  useless: { reason: 'useless', sentence: 'A peer that serves no blocks is of no use.' },
}

/** What is said to a peer that lost too many points. */
export function farewellTo(reason: string): Farewell {
  return { reason: 'banned', sentence: `Refused for a while (${reason.slice(0, 64)}).` }
}

/** What is said to a peer whose status is not for us, if anything. */
export function farewellFor(verdict: StatusVerdict): Farewell | undefined {
  return verdictFarewells[verdict]
}

/** The reason of a peer's goodbye, or `undefined` when it is of a later version. */
export function reasonOfGoodbye({ reason }: Goodbye): GoodbyeReason | undefined {
  const names = Object.keys(goodbyeReasons) as GoodbyeReason[]
  return names.find((name) => goodbyeReasons[name] === reason)
}

/** Milliseconds for which a peer that said this is not dialled; 0 when it may be as after any other parting. */
export const restAfterGoodbye: Readonly<Record<GoodbyeReason, number>> = {
  full: 60_000,
  banned: 600_000,
  'other-network': 3_600_000,
  'wrong-clock': 600_000,
  stopping: 0,
  'no-status': 0,
  useless: 600_000,
  done: 0,
}
