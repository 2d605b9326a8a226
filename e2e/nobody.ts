/**
 * Commands run by a user who has no rights but those that everybody has: root, whom no mode of a file stops, becomes another
 * user for them.
 */
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Exit } from '../tools/processes/program.ts'

const prefix = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
const main = join(import.meta.dirname, '../apps/node/src/main.ts')

/** @param cache - a directory that everybody may write to; without one there is no cache */
function environmentOf(cache?: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    ...(cache === undefined ? {} : { XDG_CACHE_HOME: cache }),
  }
}

function commandOf(words: readonly string[]): [string, string[]] {
  const [command, ...args] = [...prefix, process.execPath, '--conditions=@chain/source', main, ...words]
  return [command as string, args]
}

/** Whether there is such a user, who can also read our sources. */
export const canBecomeNobody: boolean =
  process.platform !== 'win32' &&
  spawnSync(...commandOf(['--version']), { env: environmentOf() }).status === 0

/**
 * Runs `chain-node` to its end.
 *
 * @param cache - a directory that everybody may write to, for compiled code
 */
export function runAsNobody(words: readonly string[], cache: string): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>()
  const child = execFile(...commandOf(words), { env: environmentOf(cache) }, (_, stdout, stderr) =>
    resolve({ code: child.exitCode ?? undefined, stdout, stderr }),
  )
  return promise
}
