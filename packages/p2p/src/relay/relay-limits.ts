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
  /** Milliseconds that each is kept. */
  orphanAge: 1_200_000,
  /** Most mean milliseconds until all inbound peers are told of new transactions; less where blocks come faster. */
  inboundTrickle: 5_000,
  /** The same for each outbound peer. */
  outboundTrickle: 2_000,
  /** Transactions that a peer is told of at a time; others wait for the next. */
  announcementBatch: 1_000,
  /** Transactions that came by and do not wait here, but may stand in a block; the oldest go first. */
  recentTransactions: 100,
  /** Bytes of all of them. */
  recentBytes: 1_000_000,
  /** Least milliseconds from one announcement of our own transactions that no peer has to the next, */
  rebroadcastLeast: 600_000,
  /** and most. */
  rebroadcastMost: 900_000,
  /** Milliseconds between two looks whether we want another fee rate than peers were told. */
  feeFilterInterval: 60_000,
  /** Mean milliseconds from one fee rate that a peer is told to the next. */
  feeFilterMean: 600_000,
  /** Milliseconds after which a rate that has changed much is told at the latest. */
  feeFilterHaste: 300_000,
  /** Relay streams that an inbound peer opens, one after the other, at once, */
  linkBurst: 10,
  /** and in each minute from then on; the next one waits. */
  linksPerMinute: 6,
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
  /** Blocks that may be missing when transactions are asked for: few may be withheld by whoever found them. */
  transactionReach: 24,
  /** Milliseconds a peer has to send a transaction it was asked for. */
  transactionTimeout: 20_000,
  /** Peers that are asked to send compact blocks unasked. */
  highBandwidthPeers: 3,
  /** Milliseconds in which a peer may still send them that was asked to send no more. */
  unaskedGrace: 30_000,
  /** Blocks above the tip that are put together from their compact form; others are fetched whole. */
  compactReach: 2,
  /** Blocks that are put together at once. */
  compactBlocks: 16,
  /** Compact forms of one block for which transactions are waited for at once. */
  compactPerBlock: 3,
  /** Bytes of all compact forms that wait. */
  compactBytes: 4_000_000,
  /** Transactions that are asked for to put a block together; a block that lacks more is fetched whole. */
  compactMissing: 1_500,
  /** Milliseconds a peer has to send a compact block or its transactions when it was asked. */
  compactTimeout: 10_000,
  /** Blocks of a peer whose compact forms are dealt with at once, and questions about them that are answered, */
  compactBurst: 100,
  /** and in each second from then on; beyond that blocks are fetched whole, and a node sends half as many unasked. */
  compactPerSecond: 10,
  /** Blocks below the tip, itself included, whose compact form is given out. */
  compactDepth: 5,
  /** The same for their transactions. */
  blockTransactionsDepth: 10,
  /** Blocks that are read to answer peers, all together, at once, */
  blockReadBurst: 50,
  /** and in each second from then on; other questions about blocks that are not at hand are refused. */
  blockReadsPerSecond: 5,
  /** Answers about blocks that wait to be sent to a peer; further questions are refused. */
  blockAnswersPerPeer: 16,
  /** Blocks whose transactions are kept at hand: the last that were checked. */
  blocksAtHand: 3,
} as const
