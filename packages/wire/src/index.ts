/**
 * The messages that chain's nodes and wallets exchange: their bytes, their bounds and the names of their protocols.
 *
 * Not for streams (`@chain/p2p`), and not for the consensus bytes inside a message (`@chain/core`).
 */
export { WireError, type WireErrorCode, type WireErrorData } from './errors.ts'
export {
  type FrameName,
  fieldLimits,
  frameLimits,
  type LimitedProtocol,
  maxBlockBytes,
  maxLengthPrefixBytes,
  maxRelayedTransactionBytes,
  relayQueueBytes,
  relayQueueMessages,
  type StreamLimit,
  streamLimits,
  timeLimits,
} from './limits.ts'
export * from './messages/index.ts'
export {
  dhtProtocolId,
  type ProtocolName,
  protocolId,
  protocolNames,
  protocolPrefix,
  rendezvousShards,
  rendezvousText,
} from './protocol-ids.ts'
