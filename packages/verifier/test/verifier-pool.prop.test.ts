import { type SignatureCheck, verifySignature } from '@chain/core/consensus'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { loadNativeEngine } from '../src/native-engine.ts'
import { VerifierPool } from '../src/verifier-pool.ts'
import { anySignedDigest, checkOf, rightChecks } from './signed-digests.ts'

const seed = Number(process.env.CHAIN_TEST_SEED)
const right = rightChecks(100)
/** Right and wrong ones, judged once by core. */
const others = fc.sample(anySignedDigest, { seed, numRuns: 300 }).map(checkOf)
const wrong = new Set(others.filter((check) => !verifySignature(check)))

const pool = new VerifierPool(loadNativeEngine(), 3)
afterAll(() => pool.close())

/** Lists of up to 400, in most of which nearly all are right. */
const anyList: fc.Arbitrary<SignatureCheck[]> = fc
  .tuple(fc.constantFrom(0, 1, 1, 5, 100), fc.nat(400))
  .chain(([weight, maxLength]) =>
    fc.array(
      fc.oneof(
        { arbitrary: fc.constantFrom(...right), weight: 200 },
        { arbitrary: fc.constantFrom(...others), weight },
      ),
      { maxLength, size: 'max' },
    ),
  )

test('the pool finds in every list what core finds, however many lists there are at once', async () => {
  const property = fc.asyncProperty(fc.array(anyList, { minLength: 1, maxLength: 6 }), async (lists) => {
    const found = await Promise.all(lists.map((list) => pool.findInvalid(list)))
    expect(found).toEqual(lists.map(firstWrong))
  })
  await fc.assert(property, { numRuns: Number(process.env.CHAIN_FUZZ_RUNS ?? 100) })
})

function firstWrong(list: readonly SignatureCheck[]): number | undefined {
  const position = list.findIndex((check) => wrong.has(check))
  return position === -1 ? undefined : position
}
