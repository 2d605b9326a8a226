/** The time of this machine, as the rules count it. */
import type { UnixTime } from '@chain/core/units'

/** The time now, in Unix seconds. */
export function systemClock(): UnixTime {
  return Math.floor(Date.now() / 1_000)
}
