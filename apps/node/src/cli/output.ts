/**
 * What commands write: results on stdout (text, or exactly one JSON value), progress and errors on stderr.
 */

import type { ExitCode } from '@chain/cli'
import { describeError } from '../describe-error.ts'

/** Writes the result of a command: `value` as JSON, or `text`. */
export function printResult(json: boolean, value: unknown, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`)
}

/** Writes a line about work under way. */
export function printProgress(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Writes what went wrong, in one line for people or as JSON on stdout, and gives the exit code. */
export function printError(json: boolean, error: unknown): ExitCode {
  const { exitCode, rpcCode, name, message } = describeError(error)
  if (json) process.stdout.write(`${JSON.stringify({ error: { code: rpcCode, name, message } })}\n`)
  else process.stderr.write(`chain-node: ${message}\n`)
  // A bug is worth its stack; everything else is said by its sentence.
  if (name === 'internal-error' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return exitCode
}

/** Whether colours may be used on a stream. Source: no-color.org */
export function hasColours(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR } = process.env
  return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '')
}

/** Rows of a name and a value, the values below each other. */
export function formatRows(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}
