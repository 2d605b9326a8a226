/**
 * Checks the packages as strangers get them: packs them, installs them with npm into an empty project outside of the
 * workspace, type-checks all examples and imports there under the strictest settings, and runs them on each promised Node.
 *
 * Needs the registry, and a minute or two, which is why `npm test` does not run it: `npm run check:consumer` does.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import {
  bareSettings,
  importProgram,
  manifestOf,
  nodeFolder,
  nodeSettings,
  nodeVersions,
  type PackedPackage,
} from './consumer/project.ts'

const root = resolve(import.meta.dirname, '..')
const vectors = process.env.CHAIN_VECTORS ?? resolve(root, '../shared/vectors')

/** The libraries; what stands above them are programs. */
const libraries = ['core', 'wire', 'storage', 'verifier', 'p2p']

/** Those that need the language and nothing else. */
const bareLibraries = ['@chain/core', '@chain/wire']

/** The files that examples read. */
const exampleFiles: Readonly<Record<string, string>> = {
  'decode-bitcoin-block.ts': join(vectors, 'block300025.raw'),
}

/** What a program printed; shows it and throws when the program fails. */
function run(folder: string, command: string, args: readonly string[]): string {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (error !== undefined) throw error
  if (status === 0) return stdout
  console.error(stdout)
  throw new Error(`${basename(command)} ${args.join(' ')} failed in ${folder}.`)
}

function pack(name: string, destination: string): PackedPackage {
  const folder = join(root, 'packages', name)
  const pnpm = join(root, 'node_modules/.bin/pnpm')
  const { filename } = JSON.parse(
    run(folder, pnpm, ['pack', '--json', '--pack-destination', destination]),
  ) as { readonly filename: string }
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly exports: Readonly<Record<string, unknown>>
  }
  const entryPoints = Object.keys(manifest.exports).map((path) => join(manifest.name, path))
  return { name: manifest.name, tarball: resolve(destination, filename), entryPoints }
}

/** The version of a dependency that the workspace itself uses. */
function pinned(name: string): string {
  const path = join(root, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version
}

/** Makes the project in `folder` and installs it. */
function install(folder: string): void {
  const packed = libraries.map((name) => pack(name, folder))
  const tools = { typescript: pinned('typescript'), '@types/node': pinned('@types/node') }
  writeFileSync(join(folder, 'package.json'), manifestOf(packed, tools))
  writeFileSync(join(folder, 'tsconfig.json'), nodeSettings)
  writeFileSync(join(folder, 'import-everything.ts'), importProgram(packed))
  const bare = packed.filter(({ name }) => bareLibraries.includes(name))
  mkdirSync(join(folder, 'bare'))
  writeFileSync(join(folder, 'tsconfig.bare.json'), bareSettings)
  writeFileSync(join(folder, 'bare/import-everything.ts'), importProgram(bare))
  for (const path of globSync(join(root, 'examples/*.ts'))) cpSync(path, join(folder, basename(path)))
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'])
}

function check(folder: string): void {
  const compiler = join(folder, 'node_modules/.bin/tsc')
  run(folder, compiler, ['--project', 'tsconfig.json'])
  console.log('types     strict, with the declarations of every dependency: no errors')
  run(folder, compiler, ['--project', 'tsconfig.bare.json'])
  console.log(`types     ${bareLibraries.join(' and ')} without those of Node and browsers: no errors`)
  for (const version of nodeVersions) {
    for (const path of globSync(join(folder, '*.ts')).sort()) runOn(version, basename(path), folder)
  }
}

function runOn(version: string, name: string, folder: string): void {
  const file = exampleFiles[name]
  const isAbsent = file !== undefined && !existsSync(file)
  const args = file === undefined ? [name] : [name, file]
  if (!isAbsent) run(folder, join(folder, 'node_modules', nodeFolder(version), 'bin/node'), args)
  console.log(`${version.padEnd(9)} ${name}${isAbsent ? `: skipped, needs ${file}` : ''}`)
}

const folder = mkdtempSync(join(tmpdir(), 'chain-consumer-'))
try {
  run(root, join(root, 'node_modules/.bin/tsc'), ['-b', ...libraries.map((name) => `packages/${name}`)])
  install(folder)
  console.log(`installed ${libraries.join(', ')} into an empty project`)
  check(folder)
} finally {
  rmSync(folder, { recursive: true })
}
