import { readFileSync } from 'node:fs'
import { base64 } from '@scure/base'
import { expect, test } from 'vitest'
import { instantiateWasm } from '../../src/crypto/webassembly.ts'
import { generateWasm } from '../../tools/generate-wasm.ts'
import { assembleNonceSearch } from '../../tools/nonce-program.ts'
import { assembleRipemd160 } from '../../tools/ripemd160-program.ts'
import { assembleSha256, assembleSha256Lanes } from '../../tools/sha256-program.ts'

test('the checked-in modules are what the programs say (else: pnpm --filter @chain/core generate)', () => {
  for (const [path, text] of generateWasm()) expect(readFileSync(path, 'utf8')).toBe(text)
})

/** Some browsers compile only small modules synchronously on a page's main thread. */
const SMALL = 4_096

test.each([assembleSha256, assembleSha256Lanes, assembleRipemd160, assembleNonceSearch])(
  '$name makes a small module that is valid',
  (assemble) => {
    const module = assemble()
    expect(module.length).toBeLessThanOrEqual(SMALL)
    expect(instantiateWasm(base64.encode(module))).toHaveProperty('memory')
  },
)
