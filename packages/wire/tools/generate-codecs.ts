/**
 * Writes the checked-in protobuf codecs (`src/messages/generated/messages.ts`) from `proto/*.proto`.
 *
 * protobufjs-cli writes JavaScript; {@link generateCodecs} turns it into a module that TypeScript type checks from
 * outside and Node runs as it is. Run with `pnpm --filter @chain/wire generate`.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pbjs from 'protobufjs-cli/pbjs.js'

const packageFolder = join(fileURLToPath(import.meta.url), '../..')

/** Where the checked-in codecs are. */
export const generatedPath: string = join(packageFolder, 'src/messages/generated/messages.ts')

/** The `.proto` files, in alphabetical order. */
export function protoPaths(): string[] {
  const folder = join(packageFolder, 'proto')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.proto'))
    .sort()
    .map((name) => join(folder, name))
}

/** The text of the codec module that belongs to the `.proto` files as they are now. */
export async function generateCodecs(): Promise<string> {
  return toTypeScript(await runPbjs(['--root', 'chain-wire', ...protoPaths()]))
}

const pbjsOptions = [
  '--target=static-module',
  '--wrap=esm',
  '--dependency=protobufjs/minimal.js',
  '--no-create',
  '--no-verify',
  '--no-convert',
  '--no-delimited',
  '--no-typeurl',
  '--no-service',
  '--no-comments',
]

function runPbjs(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    pbjs.main([...pbjsOptions, ...args], (error: Error | null, output?: string) => {
      if (error !== null) reject(error)
      else resolve(output ?? '')
    })
  })
}

const header = `// Written by tools/generate-codecs.ts from proto/*.proto. Do not edit; change the .proto files and run it again.
// @ts-nocheck
import type { ProtobufCodecs } from '../protobuf-codec.ts'
`

function toTypeScript(javaScript: string): string {
  const body = javaScript
    .replace(/^\/\*.*\*\/\n/, '')
    .replace('export const chain = $root.chain', 'export const codecs: ProtobufCodecs = $root.chain')
    .replace(/\nexport \{\n {2}\$root as default\n\};\n*$/, '')
  return `${header}${body}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(generatedPath, await generateCodecs())
}
