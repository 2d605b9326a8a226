/** Name and version of the program. */
import { packageVersion } from '@chain/cli'

/** Such as `0.1.0`. */
export const version: string = packageVersion(new URL('../package.json', import.meta.url))

/** What the node calls itself to peers and RPC clients, such as `chain-node/0.1.0`. */
export const agent: string = `chain-node/${version}`
