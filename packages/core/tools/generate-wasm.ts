/**
 * Writes the checked-in WebAssembly modules (`src/crypto/*-wasm.ts`, `src/mining/nonce-wasm.ts`) from the programs beside
 * this file. Run with `pnpm --filter @chain/core generate`.
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assembleNonceSearch } from './nonce-program.ts'
import { assembleRipemd160 } from './ripemd160-program.ts'
import { assembleSha256, assembleSha256Lanes } from './sha256-program.ts'

const sources = resolve(import.meta.dirname, '../src')

/** A module, as the constant that holds it. */
interface WasmConstant {
  readonly name: string
  readonly description: string
  readonly assemble: () => Uint8Array
}

/** Files that are written, by path, with the modules in each. */
const files: Readonly<Record<string, readonly WasmConstant[]>> = {
  [join(sources, 'crypto/sha256-wasm.ts')]: [
    {
      name: 'sha256Wasm',
      description: 'Hashes one message: `assembleSha256` in tools/sha256-program.ts.',
      assemble: assembleSha256,
    },
    {
      name: 'sha256LanesWasm',
      description: 'Hashes four messages side by side: `assembleSha256Lanes` in tools/sha256-program.ts.',
      assemble: assembleSha256Lanes,
    },
  ],
  [join(sources, 'crypto/ripemd160-wasm.ts')]: [
    {
      name: 'ripemd160Wasm',
      description: 'Shortens digests: `assembleRipemd160` in tools/ripemd160-program.ts.',
      assemble: assembleRipemd160,
    },
  ],
  [join(sources, 'mining/nonce-wasm.ts')]: [
    {
      name: 'nonceWasm',
      description: 'Searches nonces: `assembleNonceSearch` in tools/nonce-program.ts.',
      assemble: assembleNonceSearch,
    },
  ],
}

/** The generated files as they must be: path and text of each. */
export function generateWasm(): Map<string, string> {
  return new Map(Object.entries(files).map(([path, constants]) => [path, render(constants)]))
}

function render(constants: readonly WasmConstant[]): string {
  const body = constants.map(({ name, description, assemble }) => {
    const text = Buffer.from(assemble()).toString('base64')
    return `\n/** ${description} */\nexport const ${name} =\n  '${text}'\n`
  })
  return `/**
 * WebAssembly modules in base64. Written by tools/generate-wasm.ts: do not edit, change the programs there.
 */
${body.join('')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of generateWasm()) writeFileSync(path, text)
}
