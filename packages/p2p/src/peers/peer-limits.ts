/**
 * Bounds of the peer manager on what strangers can make it hold, and the times it keeps; `docs/limits.md` mirrors them.
 *
 * Not for messages (`limits.ts` of `@chain/wire`), nor for sockets and streams (`host/host-limits.ts`).
 */

/** Counts and lengths that hold on every node. */
export const peerLimits = {
  /** Connections of one peer; more inbound ones are refused, surplus ones closed. */
  connectionsPerPeer: 3,
  /** Outbound peers beyond the target that an operator may ask for by name. */
  requestedPeers: 8,
  /** Peers remembered, those only heard of included; the least useful is forgotten first. */
  knownPeers: 2_000,
  /** Peers that the host remembers when they have left, those left out whom it needs; the one that left first is forgotten. */
  visitors: 2_000,
  /** Bans in force; the one that ends first is lifted for a new one. */
  bans: 1_000,
  /** Characters of the reason of a ban. */
  banReasonLength: 256,
  /** Peers with a score, and likewise addresses; the one nearest to zero is forgotten first. */
  scores: 1_000,
  /** Peers that are not dialled for a while; the oldest is forgotten first. */
  avoided: 1_000,
  /** Addresses remembered of one peer. */
  addressesPerPeer: 8,
  /** Characters of an address. */
  addressLength: 256,
  /** Outbound peers that are chosen in one public network of 16 bits of IPv4 or 32 of IPv6; fixed addresses are exempt. */
  outboundPerNetwork: 2,
  /** Known peers in one such network; the least useful of them is forgotten first. */
  knownPerNetwork: 64,
  /** Known peers that were never reached and that one peer, or one way of discovery, named. */
  heardPerTeller: 128,
  /** Requests of `status/1`, `peers/1` and `goodbye/1` of one peer that are read at once. */
  talkBurst: 20,
  /** And in each minute from then on. */
  talkPerMinute: 30,
} as const

/** How many peers a node wants and takes. */
export interface PeerCapacity {
  /** Peers that this node chooses itself: the target of discovery. */
  readonly outbound: number
  /** Peers that chose this node. */
  readonly inbound: number
  /**
   * Inbound connections of strangers, who have not told their status: hash table lookups and wallets. The oldest gives
   * way to the newest.
   */
  readonly unacquainted: number
  /** Connections from one IPv4 address or one IPv6 network of 64 bits. */
  readonly perAddress: number
  /** Connections from one public IPv4 network of 24 bits or one public IPv6 network of 48 bits. */
  readonly perSubnet: number
}

/** What a node holds when its operator says nothing. */
export const defaultCapacity: PeerCapacity = {
  outbound: 8,
  inbound: 64,
  unacquainted: 32,
  perAddress: 8,
  perSubnet: 24,
}

/**
 * Connections that a host must allow so that the peer manager's own limits come first: all that peers may have, those of
 * strangers, and as many of those that this node's hash table opens.
 */
export function maxConnections({ outbound, inbound, unacquainted }: PeerCapacity): number {
  const peers = outbound + peerLimits.requestedPeers + inbound
  return peerLimits.connectionsPerPeer * peers + 2 * unacquainted
}

/** Milliseconds. */
export const peerTimes = {
  /** Between two looks at all peers. */
  heartbeat: 30_000,
  /** After which a peer is asked for its status again. */
  statusAge: 180_000,
  /** For a status exchange. */
  statusExchange: 10_000,
  /** A stranger that has not told its status after this is sent away; its hash table may come again. */
  strangerStay: 300_000,
  /** A surplus or refused connection stays this long, so that what has begun on it can end. */
  closingGrace: 1_000,
  /** For a peer to hear why it is parted from, and for all of them when the node stops. */
  goodbye: 3_000,
  lastGoodbyes: 500,
  /** A ban because of a score. */
  ban: 86_400_000,
  /** A peer of another network or with a wrong clock is not dialled for this long. */
  avoidance: 3_600_000,
  /** A peer that stays less than this counts as a failed attempt. */
  shortStay: 30_000,
} as const
