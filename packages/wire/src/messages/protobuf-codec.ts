/**
 * The types of the codecs that protobufjs-cli generates; nothing outside this package sees them.
 */

/** Messages of the `.proto` files. */
export type MessageName =
  | 'Status'
  | 'GetHeaders'
  | 'Headers'
  | 'GetBlocks'
  | 'BlockReply'
  | 'Inventory'
  | 'GetData'
  | 'NewBlock'
  | 'NotFound'
  | 'FeeFilter'
  | 'CompactMode'
  | 'RelayMessage'
  | 'Submit'
  | 'SubmitReply'
  | 'GetPeers'
  | 'Peers'
  | 'Goodbye'
  | 'FilterRange'
  | 'FilterRequest'
  | 'FilterHeaders'
  | 'BlockFilter'
  | 'FilterReply'
  | 'GetProof'
  | 'ProofReply'

/** A generated codec. Fields that were absent on the wire read as their protobuf defaults. */
export interface ProtobufCodec {
  /** Appends an encoding of `message`, whose fields have their camel-case names. */
  encode(message: object): { finish(): Uint8Array }
  /** Reads a message; throws errors of many kinds on bytes that are none. */
  decode(reader: object): object
}

/** The generated codecs by message name. */
export type ProtobufCodecs = Readonly<Record<MessageName, ProtobufCodec>>
