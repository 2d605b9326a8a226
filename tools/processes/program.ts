/**
 * Starts chain's programs as processes of their own, the way a person does: for the demonstration network and for the
 * end-to-end tests. Not for the programs themselves.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The programs by name. */
const programs = { 'chain-node': 'apps/node/src/main.ts', 'chain-wallet': 'apps/wallet/src/main.ts' } as const

export type ProgramName = keyof typeof programs

/** How a process ended. */
export interface Exit {
  /** `undefined` when a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Most characters of each output that are kept: the last ones. */
const KEPT_OUTPUT = 1_000_000

/** A running program. */
export class Program {
  readonly child: ChildProcess
  /** Resolves when the process has ended. */
  readonly exit: Promise<Exit>
  #stdout = ''
  #stderr = ''

  /** @param input - what is typed into it; its standard input is closed otherwise */
  constructor(
    name: ProgramName,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    input?: string,
  ) {
    const source = join(root, programs[name])
    this.child = spawn(process.execPath, ['--conditions=@chain/source', source, ...args], {
      env: { ...process.env, ...environment },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout = (this.#stdout + text).slice(-KEPT_OUTPUT)
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_OUTPUT)
    })
    this.child.stdin?.end(input)
    this.exit = once(this.child, 'close').then(([code]) => ({
      code: (code as number | null) ?? undefined,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }))
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }
}

/** Runs a program to its end. */
export function run(
  name: ProgramName,
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
  input?: string,
): Promise<Exit> {
  return new Program(name, args, environment, input).exit
}

/** Runs a program with `--json` and reads the one value that it prints. Rejects when it does not end with 0. */
export async function runJson<Value>(
  name: ProgramName,
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
): Promise<Value> {
  const { code, stdout, stderr } = await run(name, [...args, '--json'], environment)
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${(stderr + stdout).trim()}`)
  return JSON.parse(stdout) as Value
}
