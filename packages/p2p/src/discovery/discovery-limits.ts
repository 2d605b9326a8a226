/**
 * Bounds and times of discovery; `docs/limits.md` mirrors them.
 *
 * Not for the number of peers (`peers/peer-limits.ts`).
 */

/** Counts and milliseconds. */
export const discoveryLimits = {
  /** Between two plans at least: each looks at all known peers. */
  planInterval: 100,
  /** For one lookup, registration, exchange or feeler. */
  step: 30_000,
  /** Between two lookups of the rendezvous: the shortest pause, and the longest while nobody new is named. */
  firstLookup: 1_000,
  longestLookup: 300_000,
  /** Between two registrations; a record is served for three hours. */
  firstProvide: 10_000,
  longestProvide: 1_800_000,
  /** Between two times that a peer is asked for others. */
  firstExchange: 2_000,
  longestExchange: 900_000,
  /** Between two feelers. */
  firstFeeler: 10_000,
  longestFeeler: 120_000,
  /** Peers that one lookup takes of each key. */
  lookupPeers: 64,
  /** Peers under the common key from which on shards are asked as well: servers that keep so many name the same ones always. */
  largeNetwork: 19,
  /** One peer is asked for others no more often. */
  askInterval: 300_000,
  /** One peer is told of others no more often; in between it gets an empty answer. */
  answerInterval: 120_000,
  /** Peers of which it is told at least, when so many are known. */
  leastTold: 8,
  /** It is told at most this part of those that are known: one in so many. */
  toldShare: 4,
  /** How long the same ones are told to everybody. */
  answerAge: 3_600_000,
  /** Peers are told that this node has talked to within this time. */
  freshness: 604_800_000,
  /** Peers whose last record, last question and last answer is remembered. */
  remembered: 2_000,
  /** Between two questions on the local network. */
  localInterval: 60_000,
  /** A tip that is older than so many block spacings and a minute makes a node choose one more outbound peer. */
  staleSpacings: 3,
} as const
