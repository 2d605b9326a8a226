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
  decodeGetHeaders,
  decodeHeaders,
  encodeGetHeaders,
  encodeHeaders,
  type GetHeaders,
  type Headers,
} from './headers.ts'
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
