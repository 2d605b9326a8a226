/**
 * Peer records as peers sign them for libp2p's identify: where a peer is, with a number that grows with each change.
 *
 * Source: libp2p specs, RFC 2 and RFC 3; docs/protocol/peers.md#peer-exchange
 */
import { equalBytes } from '@chain/core/bytes'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import type { Multiaddr } from '@multiformats/multiaddr'
import { PeerError, toPeerError } from '../errors.ts'

/** What a signed record says. */
export interface SignedPeerRecord {
  readonly peerId: string
  /** Higher in later records. */
  readonly seq: bigint
  /** Without the peer id. */
  readonly multiaddrs: readonly Multiaddr[]
}

/**
 * Reads a record in its envelope and checks the signature, and that the signer speaks of himself.
 *
 * @throws {PeerError} `answer-false`
 */
export async function openSignedPeerRecord(
  envelope: Uint8Array,
  signal: AbortSignal,
): Promise<SignedPeerRecord> {
  try {
    const { publicKey, payload, payloadType } = await RecordEnvelope.openAndCertify(
      envelope,
      PeerRecord.DOMAIN,
      {
        signal,
      },
    )
    if (!equalBytes(new Uint8Array(payloadType.subarray()), PeerRecord.CODEC)) {
      throw unsound('it is no peer record')
    }
    const record = readRecord(payload.subarray())
    if (record.peerId !== peerIdFromPublicKey(publicKey).toString()) throw unsound('another has signed it')
    return record
  } catch (cause) {
    if (signal.aborted || cause instanceof PeerError)
      throw toPeerError(signal.aborted ? signal.reason : cause)
    throw unsound('it cannot be read', cause)
  }
}

/** Reads a record whose signature was checked when it was kept; `undefined` when there is none. */
export function readKeptRecord(envelope: Uint8Array | undefined): SignedPeerRecord | undefined {
  if (envelope === undefined) return undefined
  return readRecord(RecordEnvelope.createFromProtobuf(envelope).payload.subarray())
}

function readRecord(payload: Uint8Array): SignedPeerRecord {
  const { peerId, seqNumber, multiaddrs } = PeerRecord.createFromProtobuf(payload)
  return { peerId: peerId.toString(), seq: seqNumber, multiaddrs }
}

function unsound(why: string, cause?: unknown): PeerError {
  const sentence = `A peer handed on a record that does not hold: ${why}.`
  return new PeerError('answer-false', sentence, cause === undefined ? {} : { cause })
}
