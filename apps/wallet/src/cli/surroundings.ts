/**
 * What the program is surrounded by: outputs, environment, clock, and a person to ask where there is one. Commands take
 * it as a value, so that nothing else reaches for the process.
 */
import { type Environment, hasColours, type Outputs, processOutputs } from '@chain/cli'
import { createTerminalPerson } from './terminal-person.ts'

/** A person at a terminal. */
export interface Person {
  /** Asks for a text that is not shown. */
  askSecret(message: string): Promise<string>
  askConsent(message: string): Promise<boolean>
}

/** Everything around the program. */
export interface Surroundings extends Outputs {
  readonly environment: Environment
  /** Whether progress may be written over and over in one line. */
  readonly showsProgress: boolean
  /** `undefined` when nobody can be asked. */
  readonly person: Person | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The surroundings of this process. */
export function processSurroundings(): Surroundings {
  const { stdin, stderr, env } = process
  const isInteractive = stdin.isTTY && stderr.isTTY
  // Questions go to the error output, so that the result alone is on the other.
  const person = isInteractive ? createTerminalPerson({ input: stdin, output: stderr }) : undefined
  return {
    ...processOutputs,
    environment: env,
    showsProgress: hasColours(stderr),
    person,
    now: Date.now,
  }
}
