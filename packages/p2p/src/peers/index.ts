/**
 * Peers: who is connected, how they behave, who is kept out, and who might be dialled.
 */

export { AddressScores } from './address-scores.ts'
export { isPeerId } from './addresses.ts'
export { type Ban, BanList, isIpRow } from './ban-list.ts'
export {
  type Candidate,
  Candidates,
  type CandidatesOptions,
} from './candidates.ts'
export { ConnectError, type ConnectErrorCode } from './connect-error.ts'
export type { DialTarget } from './dialler.ts'
export { type Farewell, farewells } from './farewell.ts'
export type { FixedSource, NamedTrouble } from './fixed-addresses.ts'
export { PeerGater, type PeerGaterOptions } from './gater.ts'
export { KnownPeers, MemoryKnownPeers } from './known-peers.ts'
export { createOwnStatus, type OwnStatusOptions } from './own-status.ts'
export type { Merit, Peer, PeerEvent, PeerListener } from './peer.ts'
export {
  defaultCapacity,
  maxConnections,
  type PeerCapacity,
  peerLimits,
  peerTimes,
} from './peer-limits.ts'
export { PeerRecorder, type PeerRecorderModules } from './peer-recorder.ts'
export { type PeerProspects, PeerSet, type PeerSetModules, type PeerSetOptions } from './peer-set.ts'
export { banScore, disconnectScore, type PenaltyReason, penalties, ScoreBook } from './score.ts'
export { SmallTalk } from './small-talk.ts'
