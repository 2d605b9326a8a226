/**
 * Bitcoin Core's numbers of errors, for scripts that know them: JSON-RPC answers with them, and so does `--json`.
 *
 * Source: JSON-RPC 2.0, section 5.1; Bitcoin Core, `rpc/protocol.h`
 */
export const rpcCodes = {
  parseError: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  /** Parameters that exclude each other. */
  invalidParams: -32_602,
  internalError: -32_603,
  /** Anything without a number of its own, and a wrong number of parameters. */
  miscellaneous: -1,
  wrongType: -3,
  walletError: -4,
  invalidAddressOrKey: -5,
  insufficientFunds: -6,
  invalidParameter: -8,
  notConnected: -9,
  walletLocked: -13,
  passphraseWrong: -14,
  walletNotFound: -18,
  database: -20,
  undecodable: -22,
  nodeAlreadyAdded: -23,
  nodeNotAdded: -24,
  verifyError: -25,
  verifyRejected: -26,
  alreadyInChain: -27,
  warmingUp: -28,
  nodeNotConnected: -29,
  invalidSubnet: -30,
  walletExists: -36,
} as const

/** One of {@link rpcCodes}. */
export type RpcCode = (typeof rpcCodes)[keyof typeof rpcCodes]
