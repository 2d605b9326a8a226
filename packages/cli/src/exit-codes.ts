/**
 * What the programs say to the shell when they end: the same numbers for `chain-node` and `chain-wallet`.
 *
 * Source: packages/cli/README.md#exit-codes
 */
export const exitCodes = {
  /** It was done. */
  done: 0,
  /** It failed for a reason that has no number of its own. */
  failed: 1,
  /** The command line or a file that it names does not say what it should. */
  usage: 2,
  /** The node or its peers cannot be reached. */
  unreachable: 3,
  /** Locked, or a wrong passphrase. */
  locked: 4,
  /** Not enough coins. */
  insufficientFunds: 5,
  /** A rule or a policy refuses it. */
  refused: 6,
  /** The data directory is locked or corrupt, or the disk is full. */
  dataDirectory: 7,
  /** What was asked for does not exist. */
  notFound: 8,
  /** It took too long. */
  timedOut: 9,
  /** It was interrupted with Ctrl-C, before it was done. Source: POSIX shells, 128 and the number of SIGINT */
  interrupted: 130,
} as const

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
