/**
 * How a program is called on this machine, for commands that it prints for people to paste into a shell.
 */
import { basename, dirname } from 'node:path'

/**
 * The name alone where the program was called by a file of that name, which is on the `PATH` then; else with `npx`,
 * as in a checkout and in a project that depends on the program.
 *
 * @param file - what Node was told to run
 */
export function calledAs(program: string, file: string = process.argv[1] ?? ''): string {
  const isOnPath = basename(file) === program && basename(dirname(file)) !== '.bin'
  return isOnPath ? program : `npx ${program}`
}
