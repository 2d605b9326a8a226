import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { generateCodecs, generatedPath } from '../../tools/generate-codecs.ts'

it('the checked-in codecs are what the .proto files say (else: pnpm --filter @chain/wire generate)', async () => {
  expect(readFileSync(generatedPath, 'utf8')).toBe(await generateCodecs())
})
