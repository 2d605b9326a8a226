/**
 * Bounds of relay; `docs/limits.md` mirrors them. Not for the size of messages (`limits.ts` of `@chain/wire`).
 */

/** Counts, bytes and milliseconds. */
export const relayLimits = {
  /** Transactions that a peer is known to have. */
  knownTransactions: 20_000,
  /** Blocks that a peer is known to have. */
  knownBlocks: 100,
  /** Transactions that a peer has announced and that were not asked for yet; more are ignored. */
  announcedPerPeer: 5_000,
  /** Transactions asked from one peer and not come yet. */
  requestedPerPeer: 100,
  /** Transactions that a peer may still send although it was late. */
  askedPerPeer: 1_000,
  /** Transactions that a peer has asked for and that were not sent yet; what it asks beyond is not found. */
  owedPerPeer: 1_000,
  /** Transactions to be announced to a peer; more are dropped. */
  announcementsPerPeer: 5_000,
  /** Transactions that wait for those they spend. */
  orphans: 100,
  /** Bytes of all of them. */
  orphanBytes: 5_000_000,
  /** Announcements of this many milliseconds go into one message. */
  announcementDelay: 100,
  /** Milliseconds between two looks whether we want another fee rate than peers were told. */
  feeFilterInterval: 60_000,
  /** Messages of a peer, other than transactions, that are dealt with at once, */
  messageBurst: 10_000,
  /** and in each second from then on; the rest waits on its side. */
  messagesPerSecond: 2_000,
  /** Transaction ids in messages of a peer that are dealt with at once, */
  idBurst: 20_000,
  /** and in each second from then on. */
  idsPerSecond: 5_000,
  /** Least milliseconds between two faults of a peer that tells or asks faster than that. */
  excessInterval: 10_000,
  /** Milliseconds a peer has to send a transaction it was asked for. */
  transactionTimeout: 20_000,
} as const
