/** Runs one command line of `chain-wallet` to its end. */
import { type ExitCode, runProgram } from '@chain/cli'
import { describeError } from '../describe-error.ts'
import { createWalletProgram } from './program.ts'
import type { Surroundings } from './surroundings.ts'

/** @param words - without the names of Node and of the program */
export function run(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const program = createWalletProgram(surroundings)
  return runProgram({ program, words, describeError, outputs: surroundings })
}
