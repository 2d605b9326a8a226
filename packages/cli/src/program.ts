/**
 * Runs a command line to its end: every error becomes one sentence and an exit code, here and nowhere else.
 *
 * Not for the commands, which each program adds to the parser by itself.
 */
import { Command, CommanderError } from 'commander'
import type { ErrorDescription } from './describe-error.ts'
import { usageError } from './errors.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type Outputs, printError, processOutputs } from './output.ts'

/** Makes a parser without commands. It throws instead of ending the process, and prints nothing but help and version. */
export function createProgram(name: string, outputs: Outputs = processOutputs): Command {
  return new Command(name)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: outputs.writeOutput,
      writeErr: outputs.writeError,
      outputError: () => undefined,
    })
}

/** One run of a program. */
export interface ProgramRun {
  /** Made by {@link createProgram}, with its commands. */
  readonly program: Command
  /** The command line, without the names of Node and of the program. */
  readonly words: readonly string[]
  readonly describeError: (error: unknown) => ErrorDescription
  /** Where errors go; those of the process unless given. */
  readonly outputs?: Outputs
}

/** Runs a command line and gives the exit code. It never throws. */
export async function runProgram(run: ProgramRun): Promise<ExitCode> {
  const { program, words, describeError, outputs = processOutputs } = run
  // What the parser refused has no options, so that the words are looked at themselves.
  const json = words.includes('--json')
  // Scripts want no help, which the parser prints where a command is missing.
  if (json) program.configureOutput({ writeErr: () => undefined })
  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCodes.done
  } catch (thrown) {
    // Help and version end in an "error" with exit code 0.
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.done
    // The help that was printed instead of a result says it all.
    if (!json && isHelp(thrown)) return exitCodes.usage
    const error = thrown instanceof CommanderError ? misunderstood(program.name(), thrown) : thrown
    const description = describeError(error)
    printError(program.name(), json, error, description, outputs)
    return description.exitCode
  }
}

function isHelp(thrown: unknown): boolean {
  return thrown instanceof CommanderError && thrown.code === 'commander.help'
}

/** The parser's messages have the form `error: unknown option '--x'`, some with a suggestion on a second line. */
function misunderstood(program: string, error: CommanderError): Error {
  if (isHelp(error)) return usageError(`Name a command: ${program} --help lists them.`)
  const text = error.message
    .replace(/^error: /, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const sentence = text.charAt(0).toUpperCase() + text.slice(1)
  return usageError(/[.?)]$/.test(sentence) ? sentence : `${sentence}.`)
}
