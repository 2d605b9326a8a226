/**
 * What programs write: results on the output (text, or exactly one JSON value), progress and errors on the error output.
 */
import type { Environment } from './data-dir.ts'
import { type ErrorDescription, INTERNAL_ERROR } from './describe-error.ts'

/** Where a program writes. */
export interface Outputs {
  /** Takes results. */
  readonly writeOutput: (text: string) => void
  /** Takes progress, questions and errors. */
  readonly writeError: (text: string) => void
}

/** The outputs of this process. */
export const processOutputs: Outputs = {
  writeOutput: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
}

/** Writes the result of a command: `value` as JSON, or `text`, which has no line break at its end. */
export function printResult(
  json: boolean,
  value: unknown,
  text: string,
  { writeOutput }: Outputs = processOutputs,
): void {
  writeOutput(`${json ? JSON.stringify(value) : text}\n`)
}

/** Writes a line about work under way, or a warning. */
export function printProgress(line: string, { writeError }: Outputs = processOutputs): void {
  writeError(`${line}\n`)
}

/** Writes a line about work under way over the one before, for terminals alone ({@link hasColours}); `''` clears it. */
export function overwriteProgress(line: string, { writeError }: Outputs = processOutputs): void {
  // To the beginning of the line, and clear it.
  writeError(`\r\u001B[K${line}`)
}

/** Bears a reader of the output that goes away, as in `chain-node status | head -1`: that is no failure. */
export function bearClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

/** Writes what went wrong, in one line for people, and as JSON on the output where results are JSON. */
export function printError(
  program: string,
  json: boolean,
  error: unknown,
  { rpcCode, name, message }: ErrorDescription,
  { writeOutput, writeError }: Outputs,
): void {
  if (json) writeOutput(`${JSON.stringify({ error: { code: rpcCode, name, message } })}\n`)
  writeError(`${program}: ${message}\n`)
  // A bug is worth its stack; everything else is said by its sentence.
  if (name === INTERNAL_ERROR && error instanceof Error) writeError(`${error.stack}\n`)
}

/** Whether colours, and lines that are written over and over, may be used on a stream. Source: no-color.org */
export function hasColours(
  stream: { readonly isTTY?: boolean },
  { NO_COLOR = '' }: Environment = process.env,
): boolean {
  return stream.isTTY === true && NO_COLOR === ''
}
