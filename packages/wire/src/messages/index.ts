/** The messages of every protocol: their shapes, and the codecs between them and protobuf. */
export {
  type BlockReply,
  decodeBlockReply,
  decodeGetBlocks,
  encodeBlockReply,
  encodeGetBlocks,
  type GetBlocks,
} from './blocks.ts'
export {
  decodeFilterReply,
  decodeFilterRequest,
  encodeFilterReply,
  encodeFilterRequest,
  type FilterReply,
  type FilterRequest,
} from './filters.ts'
export {
  decodeGoodbye,
  encodeGoodbye,
  type Goodbye,
  type GoodbyeReason,
  goodbyeReasons,
} from './goodbye.ts'
export {
  decodeGetHeaders,
  decodeHeaders,
  encodeGetHeaders,
  encodeHeaders,
  type GetHeaders,
  type Headers,
} from './headers.ts'
export {
  decodeGetPeers,
  decodePeers,
  encodeGetPeers,
  encodePeers,
  type GetPeers,
  type Peers,
} from './peers.ts'
export {
  decodeGetProof,
  decodeProofReply,
  encodeGetProof,
  encodeProofReply,
  type GetProof,
  type ProofReply,
} from './proofs.ts'
export {
  decodeRelayMessage,
  encodeRelayMessage,
  type KnownRelayMessage,
  type RelayMessage,
  type TransactionIds,
} from './relay.ts'
export { decodeStatus, encodeStatus, protocolVersion, type Status, serviceFlags } from './status.ts'
export {
  decodeSubmit,
  decodeSubmitReply,
  encodeSubmit,
  encodeSubmitReply,
  type Submit,
  type SubmitReply,
} from './submit.ts'
