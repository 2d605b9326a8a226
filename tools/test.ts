/**
 * `npm test`: the checks (as turbo tasks), then every test (vitest); fails when either fails.
 *
 * Tests run even when a check failed, so that one run tells everything. Arguments go on to vitest:
 * `npm test -- --project @chain/core`. Not for installing: `bootstrap.mjs` has done that.
 */
import { spawnSync } from 'node:child_process'
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
  'check:dead-code',
  'check:package',
]

/** Runs a tool from `node_modules/.bin` to its end, in the foreground, and tells whether it succeeded. */
function succeeds(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(join(bin, command), args, {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error !== undefined) throw error
  return status === 0
}

const checked = succeeds('turbo', [
  'run',
  ...checks,
  '--continue',
  '--output-logs=errors-only',
  '--log-order=grouped',
])
const tested = succeeds('vitest', ['run', ...process.argv.slice(2)])
if (!checked) console.error('The checks failed: turbo names them above the tests, each with its reason.')
process.exitCode = checked && tested ? 0 : 1
