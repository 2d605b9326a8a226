import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** A program of this folder in a process of its own. */
export interface RunningProcess {
  readonly child: ChildProcessWithoutNullStreams
  /** Lines of its standard output. */
  readonly lines: AsyncIterator<string>
  /** Everything on its standard error so far. */
  readonly errors: () => string
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** Starts a program of this folder; it is killed when the running test ends. */
export function runProcess(program: string, args: readonly string[], shell = ''): RunningProcess {
  const command = [
    process.execPath,
    '--conditions=@chain/source',
    join(import.meta.dirname, program),
    ...args,
  ]
  const child =
    shell === ''
      ? spawn(command[0] as string, command.slice(1))
      : spawn('/bin/sh', ['-c', `${shell} && exec "$@"`, 'sh', ...command])
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { child, lines, errors: () => errors, ended }
}

/** The next line of a process. @throws {Error} when it ends before */
export async function nextLine({ lines, errors }: RunningProcess): Promise<string> {
  const { value, done } = await lines.next()
  if (done === true) throw new Error(`The process ended before it said anything. ${errors()}`)
  return value
}
