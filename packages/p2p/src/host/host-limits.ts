/**
 * Bounds of the libp2p host on what a stranger can open or leave waiting; `docs/limits.md` mirrors them and a test keeps
 * the two equal.
 *
 * Not for messages (`limits.ts` of `@chain/wire`), nor for how many peers a node wants (`peers/`).
 */

/** Bytes, counts and milliseconds. */
export const hostLimits = {
  /** Streams of all protocols on one connection, each way; streams that never agree on a protocol count too. */
  streamsPerConnection: 128,
  /** Bytes a peer may send on one stream before they are read. Must not exceed `streamReadBuffer`. */
  streamWindow: 2_097_152,
  /** Bytes that wait in one stream; a stream with more is reset. */
  streamReadBuffer: 4_194_304,
  /** Sockets that the kernel accepts for us in advance. */
  listenBacklog: 64,
  /** Inbound connections that have not finished their hand-shake. */
  pendingConnections: 100,
  /** Milliseconds an inbound connection has for its hand-shake. */
  inboundHandshake: 5_000,
  /** Sockets from one address group, other than this machine's, that are to become WebSockets. */
  pendingUpgrades: 8,
  /** Bytes of the headers of a request to become a WebSocket. */
  webSocketHeaders: 8_192,
  /** Bytes of one message of a WebSocket; one of Noise has 65,537. */
  webSocketMessage: 1_048_576,
  /** Frames that one such message may come in. */
  webSocketFragments: 16,
  /** Pieces in which a frame may come, as the system hands them over. */
  webSocketPieces: 4_096,
  /** Frames of a WebSocket that carry nothing for us (pings, pongs, empty messages), at once, */
  webSocketIdleBurst: 100,
  /** and in each second from then on; a connection on which more come ends. */
  webSocketIdlePerSecond: 10,
  /** Bytes that wait to be sent on a WebSocket before its writers have to stop. */
  webSocketBuffer: 1_048_576,
  /** Bytes that are handed to a socket in one piece. */
  joinedWrites: 131_072,
  /** Milliseconds to agree on the protocol of a stream. */
  streamNegotiation: 5_000,
  /** Inbound connections per second from one host; on loopback `loopbackConnectionRate`. */
  connectionRate: 5,
  /** The same where many nodes share one address. */
  loopbackConnectionRate: 1_000,
  /** Milliseconds between two looks at the addresses of this machine. */
  addressInterval: 60_000,
  /** Dials at once. */
  parallelDials: 16,
  /** Milliseconds for all addresses of a peer. */
  dial: 10_000,
  /** Milliseconds for one address. */
  dialAddress: 5_000,
  /**
   * Ping streams on one connection, each way. libp2p's answer to a ping lingers for ten seconds when its last frame came
   * before the answerer listened; with libp2p's limit of one, the next ping fails then, and with it the connection.
   */
  pingStreams: 8,
  /** Milliseconds between two pings on a connection. */
  pingInterval: 20_000,
  /** Least milliseconds until a peer that does not answer a ping is given up. */
  pingTimeout: 20_000,
  /** Milliseconds a peer is remembered by libp2p after it was last seen. */
  peerAge: 2_592_000_000,
  /** Milliseconds a provider record is served after it was last renewed. */
  recordValidity: 10_800_000,
  /** A record of our own is renewed when it has fewer milliseconds left than this. */
  recordRenewal: 7_200_000,
  /** Milliseconds between two looks at the records. */
  recordInterval: 600_000,
} as const
