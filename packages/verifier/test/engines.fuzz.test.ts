/** `CHAIN_FUZZ_RUNS` tries more signatures than the default; `@noble/curves` takes most of the time. */
import { toHex } from '@chain/core/bytes'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRight, nobleEngine, type SignedDigest } from '../src/engine.ts'
import { loadNativeEngine } from '../src/native-engine.ts'
import { anySignedDigest } from './signed-digests.ts'

const runs = Number(process.env.CHAIN_FUZZ_RUNS ?? 2_500)

const native = loadNativeEngine()

test(
  'native code and noble have one verdict on every signature, right, wrong or malformed',
  () => {
    const counts = new Map<string, number>()
    fc.assert(
      fc.property(anySignedDigest, (one) => {
        const verdict = isRight(nobleEngine, one)
        expect(isRight(native, one), describeDigest(one)).toBe(verdict)
        const kind = `${one.algorithm} ${verdict ? 'right' : 'wrong'}`
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
      }),
      { numRuns: runs },
    )
    // The test is worth something only when it draws enough of each kind.
    for (const algorithm of ['ecdsa', 'schnorr'])
      for (const verdict of ['right', 'wrong'])
        expect(counts.get(`${algorithm} ${verdict}`), [...counts].join()).toBeGreaterThan(runs / 20)
  },
  20_000 + 10 * runs,
)

function describeDigest({ algorithm, digest, publicKey, signature }: SignedDigest): string {
  return [algorithm, toHex(digest), toHex(publicKey), toHex(signature)].join(' ')
}
