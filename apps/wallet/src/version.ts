/** Name and version of the program. */
import { packageVersion } from '@chain/cli'

/** Such as `0.1.0`. */
export const version: string = packageVersion(new URL('../package.json', import.meta.url))

/** What the wallet calls itself to peers, such as `chain-wallet/0.1.0`. */
export const agent: string = `chain-wallet/${version}`
