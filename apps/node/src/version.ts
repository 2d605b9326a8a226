/** Name and version of the program. */
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

/** Such as `0.1.0`. */
export const version: string = manifest.version

/** What the node calls itself to peers and RPC clients, such as `chain-node/0.1.0`. */
export const agent: string = `chain-node/${version}`
