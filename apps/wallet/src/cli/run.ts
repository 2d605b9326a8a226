/**
 * Runs one command line to its end: every error becomes one sentence and an exit code, here and nowhere else.
 */
import { type ExitCode, exitCodes, usageError } from '@chain/cli'
import { CommanderError } from 'commander'
import { describeError } from '../describe-error.ts'
import { createProgram } from './program.ts'
import type { Surroundings } from './surroundings.ts'

/** @param args - without the names of Node and of the program */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    await createProgram(surroundings).parseAsync(args, { from: 'user' })
    return exitCodes.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    return fail(error instanceof CommanderError ? misunderstood(error) : error, args, surroundings)
  }
}

function fail(error: unknown, args: readonly string[], surroundings: Surroundings): ExitCode {
  const { exitCode, rpcCode, name, message } = describeError(error)
  // What the parser refused has no options, so that the arguments are looked at themselves.
  if (args.includes('--json')) {
    surroundings.writeOutput(`${JSON.stringify({ error: { code: rpcCode, name, message } })}\n`)
  }
  surroundings.writeError(`${message}\n`)
  return exitCode
}

/** The parser's messages have the form `error: unknown option '--x'`, some with a suggestion on a second line. */
function misunderstood({ code, message }: CommanderError): Error {
  if (code === 'commander.help') return usageError('Name a command: chain-wallet --help lists them.')
  const sentence = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  const capital = sentence.charAt(0).toUpperCase() + sentence.slice(1)
  return usageError(/[.?)]$/.test(capital) ? capital : `${capital}.`)
}
