/**
 * `npm test`: the checks (as turbo tasks), then every test (vitest); fails when either fails.
 *
 * Tests run even when a check failed, so that one run tells everything. Arguments go on to vitest:
 * `npm test -- --project @chain/core`. Not for installing: `bootstrap.mjs` has done that.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const bin = join(root, 'node_modules/.bin')

/** Turbo tells nobody about this run and asks nobody for cached results. */
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  TURBO_CACHE: 'local:rw',
}

const checks = [
  'check:format',
  'check:promises',
  'check:types',
  'check:layers',
  'check:docs',
  'check:dead-code',
  'check:package',
]

/** Set once somebody asks this process to stop; what runs then is stopped, and nothing more is begun. */
let stopping = false

/** Runs a tool from `node_modules/.bin` to its end, in the foreground, and tells whether it succeeded. */
async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  if (stopping) return false
  const child = spawn(join(bin, command), args, {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const stop = (signal: NodeJS.Signals): void => {
    stopping = true
    child.kill(signal)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  const [code] = (await once(child, 'close')) as [number | null]
  process.off('SIGINT', stop).off('SIGTERM', stop)
  return code === 0
}

const turboArgs = ['--continue', '--output-logs=errors-only', '--log-order=grouped']
const checked = await succeeds('turbo', ['run', ...checks, ...turboArgs])
const tested = await succeeds('vitest', ['run', ...process.argv.slice(2)])
if (!checked) console.error('The checks failed: turbo names them above the tests, each with its reason.')
process.exitCode = checked && tested ? 0 : 1
