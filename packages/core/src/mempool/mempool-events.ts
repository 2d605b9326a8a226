/** What a mempool tells its subscribers, in the order in which it happened, and what it answers. */
import type { RuleError } from '../consensus/index.ts'
import type { OutPoint } from '../primitives/index.ts'
import type { Amount } from '../units/index.ts'
import type { MempoolEntry } from './mempool-entry.ts'
import type { PolicyError } from './policy.ts'

/** Why a transaction left the mempool. */
export type RemovalReason =
  /** A block holds it. */
  | 'confirmed'
  /** A block holds what contradicts it or something that it depends on. */
  | 'conflict'
  /** A transaction took its place that pays more. */
  | 'replaced'
  /** It is not right for the chain after a reorganisation. */
  | 'reorganisation'
  /** The memory is full, and it paid least. */
  | 'evicted'
  /** It waited too long. */
  | 'expired'

/** What happened to the set of waiting transactions. */
/** How a transaction came: just now, back from a block that a reorganisation took away, or from a saved mempool. */
export type MempoolOrigin = 'new' | 'returned' | 'loaded'

/** What happened to the set of waiting transactions. */
export type MempoolEvent =
  | { readonly type: 'transaction-added'; readonly entry: MempoolEntry; readonly origin: MempoolOrigin }
  | { readonly type: 'transaction-removed'; readonly entry: MempoolEntry; readonly reason: RemovalReason }

/** Called during the change: must not throw and must not wait. */
export type MempoolListener = (event: MempoolEvent) => void

/** Why a transaction does not wait here after it was handed in. */
export type MempoolRefusal =
  /** It waits here already. */
  | { readonly status: 'duplicate'; readonly entry: MempoolEntry }
  /** It spends outputs that are not known, or were spent by the chain. */
  | { readonly status: 'missing-inputs'; readonly missing: readonly OutPoint[] }
  | { readonly status: 'refused'; readonly error: RuleError | PolicyError }

/** What became of a transaction that was handed in. */
export type MempoolOutcome = { readonly status: 'accepted'; readonly entry: MempoolEntry } | MempoolRefusal

/** What would become of a transaction if it were handed in. */
export type TestOutcome =
  | {
      readonly status: 'acceptable'
      /** Base units. */
      readonly fee: Amount
      /** Virtual bytes. */
      readonly size: number
      /** What would go for it. */
      readonly replaced: readonly MempoolEntry[]
    }
  | MempoolRefusal
