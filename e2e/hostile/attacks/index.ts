/** All attacks, in the order in which they are run. */
import type { Attack } from '../stage.ts'
import { chainAttacks } from './chain.ts'
import { compactBlockAttacks } from './compact-blocks.ts'
import { discoveryAttacks } from './discovery.ts'
import { lightClientAttacks } from './light-clients.ts'
import { messageAttacks } from './messages.ts'
import { multiplexerAttacks } from './multiplexer.ts'
import { socketAttacks } from './sockets.ts'
import { streamAttacks } from './streams.ts'
import { transactionAttacks } from './transactions.ts'

export const attacks: readonly Attack[] = [
  ...socketAttacks,
  ...multiplexerAttacks,
  ...streamAttacks,
  ...messageAttacks,
  ...chainAttacks,
  ...compactBlockAttacks,
  ...transactionAttacks,
  ...discoveryAttacks,
  ...lightClientAttacks,
]
