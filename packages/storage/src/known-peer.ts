/**
 * One row of the table of known peers, and its JSON.
 */

/** How a peer became known. */
export type KnownPeerSource = (typeof sources)[number]

const sources = ['connect', 'bootnode', 'dht', 'mdns', 'exchange', 'inbound'] as const

/** A peer that this node has met or heard of. Times are milliseconds since 1970. */
export interface KnownPeer {
  readonly peerId: string
  /** Multiaddrs, the best first; at most {@link MAX_ADDRESSES} of at most {@link MAX_TEXT_LENGTH} characters. */
  readonly addresses: readonly string[]
  readonly source: KnownPeerSource
  readonly score: number
  readonly firstSeen: number
  readonly lastAttempt?: number
  readonly lastSuccess?: number
  /** Failed attempts since the last success. */
  readonly failures: number
  readonly bannedUntil?: number
  /** Absent from bans that an earlier version made. */
  readonly bannedSince?: number
  readonly banReason?: string
  /** Whether to connect to it first after a restart. */
  readonly anchor?: boolean
}

/** Most addresses of one peer. */
export const MAX_ADDRESSES = 32
/** Longest peer id, address or reason, in characters. */
export const MAX_TEXT_LENGTH = 512

/** The peer within the limits: strangers choose their addresses, so surplus ones are left out. */
export function limitKnownPeer(peer: KnownPeer): KnownPeer {
  const { banReason } = peer
  const addresses = peer.addresses.filter(isText).slice(0, MAX_ADDRESSES)
  const reason = banReason === undefined ? {} : { banReason: banReason.slice(0, MAX_TEXT_LENGTH) }
  return { ...peer, addresses, ...reason }
}

/** The bytes of a row. */
export function encodeKnownPeer(peer: KnownPeer): Uint8Array {
  return Buffer.from(JSON.stringify(peer))
}

/** Reads a row; `undefined` when it is damaged. Fields that this version does not know are left out. */
export function decodeKnownPeer(key: Uint8Array, value: Uint8Array): KnownPeer | undefined {
  const fields = parseObject(value)
  if (fields === undefined || fields.peerId !== Buffer.from(key).toString()) return undefined
  const { peerId, addresses, source, score, firstSeen, failures } = fields
  const { lastAttempt, lastSuccess, bannedUntil, bannedSince, banReason, anchor } = fields
  const isSound =
    isText(peerId) &&
    Array.isArray(addresses) &&
    addresses.length <= MAX_ADDRESSES &&
    addresses.every(isText) &&
    isSource(source) &&
    isNumber(score) &&
    isNumber(firstSeen) &&
    isNumber(failures) &&
    [lastAttempt, lastSuccess, bannedUntil, bannedSince].every(
      (time) => time === undefined || isNumber(time),
    ) &&
    (banReason === undefined || banReason === '' || isText(banReason)) &&
    (anchor === undefined || typeof anchor === 'boolean')
  if (!isSound) return undefined
  const optional = { lastAttempt, lastSuccess, bannedUntil, bannedSince, banReason, anchor }
  const present = Object.entries(optional).filter(([, field]) => field !== undefined)
  return { peerId, addresses, source, score, firstSeen, failures, ...Object.fromEntries(present) }
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isText(field: unknown): field is string {
  return typeof field === 'string' && field !== '' && field.length <= MAX_TEXT_LENGTH
}

function isNumber(field: unknown): field is number {
  return typeof field === 'number' && Number.isFinite(field)
}

function isSource(field: unknown): field is KnownPeerSource {
  return sources.some((source) => source === field)
}
