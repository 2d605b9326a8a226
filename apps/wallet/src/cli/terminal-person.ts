/**
 * A person at a terminal, who is asked there.
 */
import { confirm, password } from '@inquirer/prompts'
import { interrupted } from '../errors.ts'
import type { Person } from './surroundings.ts'

/** The two directions of a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/** The person at a terminal; each question is rejected with `interrupted` when it is left with Ctrl-C. */
export function createTerminalPerson(terminal: Terminal): Person {
  return {
    askSecret: (message) => ask(() => password({ message, mask: false }, terminal)),
    askConsent: (message) => ask(() => confirm({ message, default: false }, terminal)),
  }
}

async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question()
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw interrupted()
    throw error
  }
}
