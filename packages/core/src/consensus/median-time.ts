/** The clock of the chain. Source: BIP113; docs/protocol/consensus.md#time */
import type { UnixTime } from '../units/index.ts'
import type { HeaderNode } from './header-node.ts'
import { MEDIAN_TIME_SPAN } from './params.ts'

/** The median of the times of `node` and up to ten nodes before it. */
export function medianTimePast(node: HeaderNode): UnixTime {
  const times: UnixTime[] = []
  for (
    let at: HeaderNode | undefined = node;
    at !== undefined && times.length < MEDIAN_TIME_SPAN;
    at = at.parent
  ) {
    times.push(at.header.time)
  }
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length / 2)] as UnixTime
}
