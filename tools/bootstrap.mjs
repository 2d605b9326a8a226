/**
 * Brings `node_modules` in step with the lockfile, on any Node from 20 on and with nothing but npm installed.
 *
 * `npm start` and `npm test` run it first and continue on the Node 24 that it installs (`node_modules/.bin/node`).
 * It uses no dependency and no TypeScript, since neither is there yet. All it prints goes to stderr, because the
 * stdout of `npm start -- --json` is one JSON value.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const oldestNode = 20

/** Runs a command and resolves to its exit code and everything it printed. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.once('error', (error) =>
      resolve({ code: 1, output: `${command} could not be started: ${error.message}` }),
    )
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(output).toString() }))
  })
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

/**
 * The installed pnpm answers within milliseconds when nothing is to be done; the first time npx fetches it, in the
 * version that `packageManager` names. Extra lines of npm are kept quiet, its errors are not (`npm --silent` is
 * inherited through the environment).
 */
function pnpmCommand() {
  const installed = join(root, 'node_modules/.bin/pnpm')
  if (existsSync(installed)) return [installed]
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  console.error('Installing the dependencies (the first time takes a minute) ...')
  return ['npx', '--yes', '--loglevel=error', packageManager]
}

if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  fail(
    `chain needs Node ${oldestNode} or newer to install itself, and this is Node ${process.versions.node}.`,
  )
}
const [command, ...args] = pnpmCommand()
const { code, output } = await run(command, [...args, 'install', '--frozen-lockfile'])
if (code !== 0)
  fail(`${output}\nInstalling the dependencies failed (exit code ${code}); the reason stands above.`)
if (!existsSync(join(root, 'node_modules/.bin/node'))) {
  fail(
    'node_modules/.bin/node is missing although the install succeeded; remove node_modules and run this again.',
  )
}
