/**
 * The options of every command that connects blocks: memory for coins, and threads for signatures.
 *
 * Source: Bitcoin Core, `-dbcache`, `-par`
 */
import type { Command } from 'commander'
import { DEFAULT_DBCACHE, MEBIBYTE } from '../mebibyte.ts'
import { MAX_PAR } from '../verifier.ts'
import { integer } from './option-parsers.ts'

/** Most mebibytes of the coin cache: more than any machine has. */
const MAX_DBCACHE = 1_048_576

/** What {@link addResourceOptions} reads. */
export interface ResourceOptions {
  /** Mebibytes. */
  readonly dbcache?: number
  readonly par?: number
}

/** Adds `--dbcache` and `--par`. */
export function addResourceOptions(command: Command): Command {
  return command
    .option(
      '--dbcache <mebibytes>',
      `memory for coins (default: ${DEFAULT_DBCACHE})`,
      integer(0, MAX_DBCACHE),
    )
    .option(
      '--par <count>',
      'threads that check signatures; 0: one for each core, 1: none but the main one, -n: leave n cores free (default: 0)',
      integer(-MAX_PAR, MAX_PAR),
    )
}

/** The same as `openBareChain` takes them; what was not said is left out. */
export function resourcesOf({ dbcache, par }: ResourceOptions): {
  readonly cacheSize?: number
  readonly par?: number
} {
  return {
    ...(dbcache === undefined ? {} : { cacheSize: dbcache * MEBIBYTE }),
    ...(par === undefined ? {} : { par }),
  }
}
