/**
 * Bounds on what a peer may send on one connection without having been asked; `docs/limits.md` mirrors them and a test
 * keeps the two equal.
 *
 * Not for what a message may hold (`@chain/wire`), nor for how many connections there may be (`host-limits.ts`, `peers/`).
 */

/** Bytes, counts and milliseconds. Unasked is all but data on open streams of this node. */
export const connectionLimits = {
  /** Bytes of one frame of the multiplexer: the largest window, since no more may be sent before it is renewed. */
  frameBytes: 2_097_152,
  /** Unasked bytes that are read at once, */
  byteBurst: 16_777_216,
  /** and in each second from then on; the rest waits on the peer's side. */
  bytesPerSecond: 4_194_304,
  /** Bytes of a frame that is free when it was asked for. */
  freeFrameBytes: 256,
  /** Unasked frames of the multiplexer, and those with next to nothing in them, that are dealt with at once, */
  frameBurst: 50_000,
  /** and in each second from then on. */
  framesPerSecond: 5_000,
  /** Streams that the peer opens, at once, */
  streamBurst: 1_000,
  /** and in each second from then on. */
  streamsPerSecond: 250,
  /** Frames that call for an answer, from a peer that does not take the answers; with more the connection ends. */
  untakenAnswers: 10_000,
  /** Messages of the socket below the encryption with next to nothing in them, at once, */
  messageBurst: 125_000,
  /** and in each second from then on; larger ones make up for them. With more the connection ends. */
  messagesPerSecond: 12_500,
  /** How many times as long as what is in them encrypted bytes may be: a header of the multiplexer alone takes 30 bytes for 12. */
  expansion: 3,
  /** Bytes beyond that, such as those of a message that is not complete; with more the connection ends. */
  surplusBytes: 2_097_152,
  /** Milliseconds for which a peer may want more than that without a break; then the connection ends. */
  excess: 10_000,
} as const
