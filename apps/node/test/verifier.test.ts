import { expect, it, onTestFinished } from 'vitest'
import { openVerifier, threadsOf } from '../src/verifier.ts'

it.each<[par: number, cores: number, threads: number | undefined, why: string]>([
  [0, 8, undefined, 'the verifier chooses'],
  [1, 8, 0, 'the main thread alone'],
  [2, 8, 2, 'two threads'],
  [12, 8, 12, 'more threads than cores'],
  [-1, 8, 7, 'one core is left free'],
  [-6, 8, 2, 'six cores are left free'],
  [-7, 8, 0, 'one core is used: the main thread has it'],
  [-256, 8, 0, 'no core is used: the main thread has to do it'],
])('with --par %i on %i cores there are %s threads: %s', (par, cores, threads, _why) => {
  expect(threadsOf(par, cores)).toBe(threads)
})

it('runs native code on the threads that --par says', () => {
  const reports: string[] = []
  const verifier = openVerifier(3, (sentence) => reports.push(sentence))
  onTestFinished(() => verifier.close())
  expect(verifier.name).toBe('secp256k1 (native), 3 threads')
  expect(reports).toEqual([])
})
