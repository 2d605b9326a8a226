/**
 * Bounds of the hash table: on what strangers send, on what they make this node keep, and on what this node asks for;
 * `docs/limits.md` mirrors them and a test keeps the two equal.
 *
 * Source: docs/protocol/peers.md#hash-table, docs/decisions/0020-hash-table.md
 */

/** Bytes, counts and milliseconds. */
export const dhtLimits = {
  /** Bytes of a request; it holds at most one value or the addresses of one peer. */
  requestBytes: 8_192,
  /** Peers that a request names: whoever registers itself. */
  requestPeers: 1,
  /** Bytes of an answer. */
  answerBytes: 131_072,
  /** Peers in each of the two lists of an answer. */
  answerPeers: 64,
  /** Addresses of one peer that are kept and told. */
  addressesPerPeer: 8,
  /** Bytes of such an address; longer ones are left out. */
  addressBytes: 128,
  /** Streams on one connection, each of which carries one request. */
  inboundStreams: 16,
  outboundStreams: 64,
  /** Requests of one peer that are answered at once. */
  requestBurst: 500,
  /** And in each second from then on. */
  requestsPerSecond: 50,
  /** Characters of the name of a value. */
  nameLength: 64,
  /** Bytes of a value. */
  valueBytes: 1_024,
  /** Longest life of a value. */
  valueLifetime: 172_800_000,
  /** How far the clock of a publisher may be ahead. */
  clockTolerance: 4_200_000,
  /** Values of others that are kept. */
  values: 1_024,
  /** Values of one publisher. */
  valuesPerPublisher: 16,
  /** Values that one sender, or one network of senders, brought. */
  valuesPerSender: 128,
  /** Characters of the base32 text of a key under which peers register; a hash of 64 bytes takes 109. */
  providerKeyLength: 128,
  /** Peers that are registered under one rendezvous key. */
  meetingPeers: 1_000,
  /** Those of one network of addresses. */
  meetingPeersPerNetwork: 64,
  /** Provider records under all other keys. */
  providers: 4_096,
  /** Those of one peer, or one network of peers. */
  providersPerSender: 64,
  /** Providers of one such key. */
  providersPerKey: 32,
  /** Those of one network of addresses. */
  providersPerKeyAndNetwork: 8,
  /** Keys that this node may provide itself, rendezvous included. */
  ownKeys: 256,
  /** Bytes of the text that such a key is made from. */
  keyBytes: 256,
  /** Providers in one answer, drawn anew for each. */
  providersPerAnswer: 16,
  /** Providers that one search returns. */
  foundProviders: 64,
  /** Peers that are kept only because others have named them. */
  hearsayPeers: 2_000,
  /** Time for one operation of this node. */
  operation: 30_000,
  /** Between two times that this node's own values are put again. */
  republish: 3_600_000,
} as const
