/**
 * Which of several connections with the same peer both sides keep. Pure.
 *
 * Two nodes that dial each other at the same moment end with two connections. Both keep the one that was dialled by the
 * smaller peer id (as text), without a word between them. Of several dialled by the same side that side keeps its
 * oldest one, and the other follows when the rest is closed.
 *
 * Source: docs/protocol/peers.md#duplicate-connections
 */
import type { Connection } from '@libp2p/interface'

/** What the choice depends on. */
export type ChoosableConnection = Pick<Connection, 'direction' | 'timeline'>

/** The connection to keep, or `undefined` when there is none. */
export function chooseConnection<Choosable extends ChoosableConnection>(
  self: string,
  remote: string,
  connections: readonly Choosable[],
): Choosable | undefined {
  const direction = keptDirection(self, remote)
  const kept = connections.filter((connection) => connection.direction === direction)
  return oldest(kept) ?? oldest(connections)
}

/** The connections that this side closes when `kept` stays. */
export function surplusConnections<Choosable extends ChoosableConnection>(
  kept: Choosable,
  connections: readonly Choosable[],
): Choosable[] {
  const isOurs = ({ direction }: Choosable): boolean =>
    direction !== kept.direction || direction === 'outbound'
  return connections.filter((connection) => connection !== kept && isOurs(connection))
}

function keptDirection(self: string, remote: string): Connection['direction'] {
  return self < remote ? 'outbound' : 'inbound'
}

function oldest<Choosable extends ChoosableConnection>(
  connections: readonly Choosable[],
): Choosable | undefined {
  return connections.toSorted((a, b) => a.timeline.open - b.timeline.open)[0]
}
