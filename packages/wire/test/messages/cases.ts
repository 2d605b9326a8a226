/**
 * Every message with its codec and random values within its bounds, for property and fuzz tests.
 */
import fc from 'fast-check'
import {
  type BlockReply,
  decodeBlockReply,
  decodeFilterReply,
  decodeFilterRequest,
  decodeGetBlocks,
  decodeGetHeaders,
  decodeGetPeers,
  decodeGetProof,
  decodeGoodbye,
  decodeHeaders,
  decodePeers,
  decodeProofReply,
  decodeRelayMessage,
  decodeStatus,
  decodeSubmit,
  decodeSubmitReply,
  encodeBlockReply,
  encodeFilterReply,
  encodeFilterRequest,
  encodeGetBlocks,
  encodeGetHeaders,
  encodeGetPeers,
  encodeGetProof,
  encodeGoodbye,
  encodeHeaders,
  encodePeers,
  encodeProofReply,
  encodeRelayMessage,
  encodeStatus,
  encodeSubmit,
  encodeSubmitReply,
  type FilterReply,
  type FilterRequest,
  type FrameName,
  type GetBlocks,
  type GetHeaders,
  type GetPeers,
  type GetProof,
  type Goodbye,
  type Headers,
  type KnownRelayMessage,
  type Peers,
  type ProofReply,
  type RelayMessage,
  type Status,
  type Submit,
  type SubmitReply,
} from '../../src/index.ts'

export interface MessageCase<Message, Decoded> {
  readonly name: FrameName
  readonly messages: fc.Arbitrary<Message>
  encode(message: Message): Uint8Array
  decode(bytes: Uint8Array): Decoded
}

const hash = fixed(32)
const raw = fc.uint8Array({ minLength: 1, maxLength: 2_000 })
const uint32 = fc.nat({ max: 0xffff_ffff })
const ids = fc.array(hash, { minLength: 1, maxLength: 40 })

function rawOf(minLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength: 2_000 })
}

function fixed(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length })
}

function text(maxBytes: number): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'grapheme', maxLength: maxBytes })
    .filter((value) => Buffer.byteLength(value) <= maxBytes && !/\p{Cc}/u.test(value))
}

const status: MessageCase<Status, Status> = {
  name: 'Status',
  messages: fc.record({
    protocolVersion: uint32,
    agent: text(256),
    genesis: hash,
    tip: hash,
    height: uint32,
    work: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    services: uint32,
    time: uint32,
    nonce: fixed(8),
  }),
  encode: encodeStatus,
  decode: decodeStatus,
}

const getHeaders: MessageCase<GetHeaders, GetHeaders> = {
  name: 'GetHeaders',
  messages: fc.oneof(fc.record({ locator: ids }), fc.record({ locator: ids, stop: hash })),
  encode: encodeGetHeaders,
  decode: decodeGetHeaders,
}

const headers: MessageCase<Headers, Headers> = {
  name: 'Headers',
  messages: fc.record({ headers: fc.array(fixed(80), { maxLength: 30 }) }),
  encode: encodeHeaders,
  decode: decodeHeaders,
}

const getBlocks: MessageCase<GetBlocks, GetBlocks> = {
  name: 'GetBlocks',
  messages: fc.record({ hashes: ids }),
  encode: encodeGetBlocks,
  decode: decodeGetBlocks,
}

const blockReply: MessageCase<BlockReply, BlockReply> = {
  name: 'BlockReply',
  messages: fc.oneof(
    fc.record({ kind: fc.constant('block' as const), block: raw }),
    fc.record({ kind: fc.constant('not-found' as const), hash }),
  ),
  encode: encodeBlockReply,
  decode: decodeBlockReply,
}

const relayMessage: MessageCase<KnownRelayMessage, RelayMessage> = {
  name: 'RelayMessage',
  messages: fc.oneof(
    fc.record({ kind: fc.constantFrom('inventory', 'get-data', 'not-found'), transactions: ids }),
    fc.record({ kind: fc.constant('transaction' as const), transaction: raw }),
    fc.record({ kind: fc.constant('new-block' as const), header: fixed(80) }),
    fc.record({ kind: fc.constant('fee-filter' as const), feeRate: uint32 }),
    fc.record({ kind: fc.constant('compact-mode' as const), highBandwidth: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('get-compact-block', 'no-compact-block'), hash }),
    fc.record({ kind: fc.constant('compact-block' as const), block: rawOf(90) }),
    fc.record({ kind: fc.constant('get-block-transactions' as const), request: rawOf(33) }),
    fc.record({ kind: fc.constant('block-transactions' as const), answer: rawOf(33) }),
  ),
  encode: encodeRelayMessage,
  decode: decodeRelayMessage,
}

const submit: MessageCase<Submit, Submit> = {
  name: 'Submit',
  messages: fc.record({ transaction: raw }),
  encode: encodeSubmit,
  decode: decodeSubmit,
}

const code = text(64).filter((value) => value !== '')
const refused = { accepted: fc.constant(false as const), code, sentence: text(512) }

const submitReply: MessageCase<SubmitReply, SubmitReply> = {
  name: 'SubmitReply',
  messages: fc.oneof(
    fc.record({ accepted: fc.constant(true as const), txid: hash }),
    fc.record(refused),
    fc.record({ ...refused, txid: hash }),
  ),
  encode: encodeSubmitReply,
  decode: decodeSubmitReply,
}

const filterRequest: MessageCase<FilterRequest, FilterRequest> = {
  name: 'FilterRequest',
  messages: fc.record({ kind: fc.constantFrom('headers', 'filters'), startHeight: uint32, stop: hash }),
  encode: encodeFilterRequest,
  decode: decodeFilterRequest,
}

const filterReply: MessageCase<FilterReply, FilterReply> = {
  name: 'FilterReply',
  messages: fc.oneof(
    fc.record({ kind: fc.constant('headers' as const), previous: hash, hashes: ids }),
    fc.record({ kind: fc.constant('filter' as const), block: hash, filter: raw }),
    fc.record({ kind: fc.constantFrom('not-found', 'not-indexed'), hash }),
  ),
  encode: encodeFilterReply,
  decode: decodeFilterReply,
}

const getProof: MessageCase<GetProof, GetProof> = {
  name: 'GetProof',
  messages: fc
    .record({
      block: hash,
      txids: fc.array(hash, { maxLength: 100 }),
      coinbase: fc.boolean(),
      transactions: fc.boolean(),
    })
    .filter(({ txids, coinbase }) => txids.length > 0 || coinbase),
  encode: encodeGetProof,
  decode: decodeGetProof,
}

const proofReply: MessageCase<ProofReply, ProofReply> = {
  name: 'ProofReply',
  messages: fc.oneof(
    fc.record({ kind: fc.constant('proof' as const), merkleBlock: raw }),
    fc.record({ kind: fc.constant('transaction' as const), transaction: raw }),
    fc.record({ kind: fc.constant('not-found' as const), hash }),
  ),
  encode: encodeProofReply,
  decode: decodeProofReply,
}

const getPeers: MessageCase<GetPeers, GetPeers> = {
  name: 'GetPeers',
  messages: fc.record({ maxRecords: fc.integer({ min: 1, max: 50 }) }),
  encode: encodeGetPeers,
  decode: decodeGetPeers,
}

const peers: MessageCase<Peers, Peers> = {
  name: 'Peers',
  messages: fc.record({
    records: fc.array(fc.uint8Array({ minLength: 1, maxLength: 1_024 }), { maxLength: 50 }),
  }),
  encode: encodePeers,
  decode: decodePeers,
}

const goodbye: MessageCase<Goodbye, Goodbye> = {
  name: 'Goodbye',
  messages: fc.record({ reason: uint32, sentence: text(256) }),
  encode: encodeGoodbye,
  decode: decodeGoodbye,
}

/** All messages that travel as a frame. The union of their types is erased: a case is used with its own values only. */
export const messageCases: MessageCase<object, object>[] = [
  status,
  getHeaders,
  headers,
  getBlocks,
  blockReply,
  relayMessage,
  submit,
  submitReply,
  getPeers,
  peers,
  goodbye,
  filterRequest,
  filterReply,
  getProof,
  proofReply,
]
