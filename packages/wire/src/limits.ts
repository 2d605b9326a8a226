/**
 * Every bound on what a peer may send over chain's own protocols, on one page; `docs/limits.md` mirrors it and a test
 * keeps the two equal.
 *
 * Not for limits of the host (connections, pending sockets), which are in `packages/p2p`, nor for consensus limits.
 */

/** Messages that travel as a frame of their own. */
export type FrameName =
  | 'Status'
  | 'GetHeaders'
  | 'Headers'
  | 'GetBlocks'
  | 'BlockReply'
  | 'RelayMessage'
  | 'Submit'
  | 'SubmitReply'
  | 'GetPeers'
  | 'Peers'
  | 'Goodbye'
  | 'FilterRequest'
  | 'FilterReply'
  | 'GetProof'
  | 'ProofReply'

/** Largest raw block, in bytes: a block of 4,000,000 weight units cannot be longer. */
export const maxBlockBytes = 4_000_000

/** Largest raw transaction that is relayed, in bytes: policy allows 400,000 weight units. */
export const maxRelayedTransactionBytes = 400_000

/** Largest body of a frame, in bytes, checked on its length prefix before the body is read. */
export const frameLimits: Readonly<Record<FrameName, number>> = {
  Status: 1_024,
  GetHeaders: 4_096,
  Headers: 161_024,
  GetBlocks: 5_120,
  BlockReply: maxBlockBytes + 1_024,
  RelayMessage: maxRelayedTransactionBytes + 1_024,
  Submit: maxRelayedTransactionBytes + 1_024,
  SubmitReply: 1_024,
  GetPeers: 1_024,
  Peers: 53_248,
  Goodbye: 1_024,
  FilterRequest: 128,
  FilterReply: 263_168,
  GetProof: 4_096,
  ProofReply: maxBlockBytes + 1_024,
}

/** Longest length prefix of a frame, in bytes: enough for the largest frame. */
export const maxLengthPrefixBytes = 4

/** Most items of a repeated field, longest texts and byte strings of variable length. */
export const fieldLimits = {
  /** Hashes of `GetHeaders.locator`. */
  locatorHashes: 101,
  /** Headers in `Headers.headers`. */
  headers: 2_000,
  /** Hashes of `GetBlocks.hashes`. */
  blockHashes: 128,
  /** Ids in `Inventory`, `GetData` and `NotFound`. */
  inventoryItems: 1_000,
  /** Bytes of `RelayMessage.compact_block`: short ids of 16,666 transactions take 99,996. */
  compactBlockBytes: 400_000,
  /** Bytes of `RelayMessage.get_block_transactions`: 16,666 indexes of at most 3 bytes each take 50,033. */
  blockIndexesBytes: 51_200,
  /** Bytes of `RelayMessage.block_transactions`. */
  blockTransactionsBytes: 400_000,
  /** Bytes of `Status.agent`. */
  agentBytes: 256,
  /** Bytes of `Status.work`. */
  workBytes: 32,
  /** Bytes of `SubmitReply.code`. */
  submitCodeBytes: 64,
  /** Bytes of `SubmitReply.sentence`. */
  submitSentenceBytes: 512,
  /** Filter hashes in `FilterHeaders.hashes`, and blocks of the range that a request for filter headers names. */
  filterHeaders: 2_000,
  /** Blocks of the range that a request for filters names. */
  filters: 1_000,
  /** Bytes of `BlockFilter.filter`: 88,815 items fit into a block, of 21.5 bits each. */
  filterBytes: 262_144,
  /** Ids in `GetProof.txids`. */
  provenTransactions: 100,
  /** Bytes of `ProofReply.merkle_block`: 15 hashes for each proven transaction. */
  merkleBlockBytes: 65_536,
  /** Records in `Peers.records`. */
  peerRecords: 50,
  /** Bytes of one of `Peers.records`. */
  peerRecordBytes: 1_024,
  /** Bytes of `Goodbye.sentence`. */
  goodbyeSentenceBytes: 256,
  /** Fields of one message that this version does not know; they are skipped. */
  unknownFields: 64,
} as const

/** Streams of one protocol that may be open at once on one connection. */
export interface StreamLimit {
  /** Opened by the peer. */
  readonly inbound: number
  /** Opened by this node. */
  readonly outbound: number
}

/** Protocols that have messages in this package. */
export type LimitedProtocol =
  | 'status'
  | 'headers'
  | 'blocks'
  | 'relay'
  | 'submit'
  | 'peers'
  | 'goodbye'
  | 'filters'
  | 'proofs'

/**
 * Streams per protocol and connection. A node resets what is opened beyond its inbound limit; its own requests wait for
 * their turn below the outbound limit, which is lower so that a stream the other side still counts does no harm.
 */
export const streamLimits: Readonly<Record<LimitedProtocol, StreamLimit>> = {
  status: { inbound: 4, outbound: 2 },
  headers: { inbound: 4, outbound: 2 },
  blocks: { inbound: 4, outbound: 2 },
  relay: { inbound: 1, outbound: 1 },
  submit: { inbound: 4, outbound: 2 },
  peers: { inbound: 2, outbound: 1 },
  goodbye: { inbound: 2, outbound: 1 },
  filters: { inbound: 4, outbound: 2 },
  proofs: { inbound: 4, outbound: 2 },
}

/** How long this node waits, in milliseconds. */
export const timeLimits = {
  /** Opening a stream and agreeing on its protocol. */
  open: 5_000,
  /** From a peer's opening of a request stream to its complete request. */
  request: 10_000,
  /** From our request to the complete answer: `status`, `submit`, `peers`. */
  answer: 20_000,
  /** From our request to the complete answer: `headers`. */
  headers: 30_000,
  /** Between two frames of an answer of `filters` and `proofs`. */
  light: 60_000,
  /** Between two frames of a `blocks` answer. */
  block: 60_000,
  /** A peer that takes none of the bytes offered to it for this long is given up. */
  write: 30_000,
  /** After we have closed our side of a relay stream, until the peer closes its own. */
  close: 5_000,
} as const

/** Messages waiting to be sent on one relay stream; a peer that lets more pile up is given up. */
export const relayQueueMessages = 1_000

/** Bytes waiting to be sent on one relay stream. */
export const relayQueueBytes: number = 4 * frameLimits.RelayMessage
