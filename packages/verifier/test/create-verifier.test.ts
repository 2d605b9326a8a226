import { availableParallelism } from 'node:os'
import { expect, it, onTestFinished } from 'vitest'
import { type CreateVerifierOptions, createVerifier, defaultThreads } from '../src/create-verifier.ts'
import type { Verifier } from '../src/verifier.ts'
import { rightChecks, withWrong } from './signed-digests.ts'

function open(options: CreateVerifierOptions): Verifier {
  const verifier = createVerifier(options)
  onTestFinished(() => verifier.close())
  return verifier
}

it.each([
  [{ threads: 2 }, 'secp256k1 (native), 2 threads'],
  [{ threads: 1 }, 'secp256k1 (native), 1 thread'],
  [{ threads: 0 }, 'secp256k1 (native), main thread'],
  [{ threads: 3, engine: 'native' }, 'secp256k1 (native), 3 threads'],
  [{ threads: 2, engine: 'noble' }, 'noble, 2 threads'],
  [{ threads: 0, engine: 'noble' }, 'noble, main thread'],
] as const)('with %o it is called %s, and verifies', async (options, name) => {
  const reports: string[] = []
  const verifier = open({ ...options, report: (sentence) => reports.push(sentence) })
  expect(verifier.name).toBe(name)
  expect(reports).toEqual([])
  const checks = rightChecks(20)
  expect(await verifier.findInvalid(checks)).toBeUndefined()
  expect(await verifier.findInvalid(withWrong(checks, 19))).toBe(19)
})

it('has a thread for each core, and no more than sixteen, unless told otherwise', () => {
  expect(defaultThreads()).toBe(Math.min(16, availableParallelism()))
  expect(open({}).name).toContain(`, ${defaultThreads()} thread`)
})
