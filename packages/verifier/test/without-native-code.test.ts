/** On a machine for which there is no prebuilt library: its loader is told to look where there is none. */
import { expect, it, vi } from 'vitest'
import { createVerifier } from '../src/create-verifier.ts'
import { loadNativeEngine } from '../src/native-engine.ts'
import { rightChecks, withWrong } from './signed-digests.ts'

vi.stubEnv('SECP256K1_PREBUILD', import.meta.dirname)

it('noble verifies, and the reason is told', async () => {
  const reports: string[] = []
  const verifier = createVerifier({ threads: 2, report: (sentence) => reports.push(sentence) })
  expect(verifier.name).toBe('noble, 2 threads')
  expect(reports).toEqual([
    expect.stringMatching(
      /^The native library .* cannot be loaded \(No native build was found for .*\)\. Signatures are checked by @noble\/curves, .*\.$/,
    ),
  ])
  expect(await verifier.findInvalid(withWrong(rightChecks(10), 7))).toBe(7)
  await verifier.close()
})

it('asking for native code by name is an error', () => {
  const unavailable = expect.objectContaining({ code: 'native-crypto-unavailable' }) as Error
  expect(() => createVerifier({ engine: 'native' })).toThrow(unavailable)
  expect(() => loadNativeEngine()).toThrow(unavailable)
})
