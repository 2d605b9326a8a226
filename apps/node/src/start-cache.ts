/**
 * Keeps compiled code from one start of the program to the next, which halves the time that a command takes to start.
 */
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '@chain/cli'

/**
 * Keeps what is loaded from now on, in `chain` below `$XDG_CACHE_HOME` or `~/.cache`. Where that cannot be written, or the
 * user has no home, the program goes without.
 */
export function enableStartCache({ XDG_CACHE_HOME: caches = '' }: Environment): void {
  const base = caches === '' ? homedir() : caches
  // A home that does not exist is meant not to: it must not be made.
  if (existsSync(base)) enableCompileCache(join(base, caches === '' ? '.cache/chain' : 'chain'))
}
