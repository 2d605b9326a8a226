/**
 * `status/1`: what a node says about itself.
 *
 * Source: proto/status.proto; docs/protocol/peers.md#status
 */
import { bigintFromBytes, bigintToBytes } from '@chain/core/bytes'
import { WireError } from '../errors.ts'
import { fieldLimits } from '../limits.ts'
import { copyBytes, fixedField, hashLength, textField, uint32Field } from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'

/** The version of the messages that this package writes. */
export const protocolVersion = 1

/** Flags of {@link Status.services}. */
export const serviceFlags = {
  /** Answers `blocks/1` for every block of its chain. */
  fullBlocks: 1,
  /** Answers `filters/1` and `proofs/1`. */
  lightClients: 2,
  /** Has dropped old blocks. */
  pruned: 4,
} as const

/** What a node says about itself on connect and every few minutes. */
export interface Status {
  /** Version of the messages the sender writes. */
  readonly protocolVersion: number
  /** Name and version of the program, at most 256 bytes of UTF-8 without control characters. */
  readonly agent: string
  /** Hash of the genesis block, 32 bytes. */
  readonly genesis: Uint8Array
  /** Hash of the tip, 32 bytes. */
  readonly tip: Uint8Array
  /** Height of the tip. */
  readonly height: number
  /** Work of the chain up to the tip, below 2**256. */
  readonly work: bigint
  /** Bit set of {@link serviceFlags}; unknown bits are kept. */
  readonly services: number
  /** The sender's clock, seconds since 1970. */
  readonly time: number
  /** 8 random bytes of this run of the program. */
  readonly nonce: Uint8Array
}

const nonceLength = 8

const shape: FrameShape = {
  message: 'Status',
  fields: {
    1: uint32Field('protocolVersion'),
    2: textField('agent', fieldLimits.agentBytes),
    3: fixedField('genesis', hashLength),
    4: fixedField('tip', hashLength),
    5: uint32Field('height'),
    6: { kind: 'bytes', name: 'work', minLength: 0, maxLength: fieldLimits.workBytes },
    7: uint32Field('services'),
    8: uint32Field('time'),
    9: fixedField('nonce', nonceLength),
  },
}

type StatusFields = Omit<Status, 'work'> & { readonly work: Uint8Array }

/**
 * The bytes of a status.
 *
 * @throws {WireError} when a field is out of its bounds
 */
export function encodeStatus(status: Status): Uint8Array {
  return encodeFields<StatusFields>(shape, { ...status, work: workToBytes(status.work) })
}

/**
 * Reads a status.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeStatus(bytes: Uint8Array): Status {
  const fields = decodeFields<StatusFields>(shape, bytes)
  return {
    protocolVersion: fields.protocolVersion,
    agent: fields.agent,
    genesis: copyBytes(fields.genesis),
    tip: copyBytes(fields.tip),
    height: fields.height,
    work: workFromBytes(fields.work),
    services: fields.services,
    time: fields.time,
    nonce: copyBytes(fields.nonce),
  }
}

function workToBytes(work: bigint): Uint8Array {
  return work === 0n ? new Uint8Array(0) : bigintToBytes(work, Math.ceil(work.toString(16).length / 2))
}

function workFromBytes(bytes: Uint8Array): bigint {
  if (bytes[0] === 0) {
    throw new WireError('message-malformed', 'Status.work begins with a zero byte.', {
      message: 'Status',
      field: 'work',
    })
  }
  return bigintFromBytes(bytes)
}
