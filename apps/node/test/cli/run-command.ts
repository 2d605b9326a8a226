/** Command lines of `chain-node`, run in this process. */
import { vi } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'

/** How a command ended, and what it wrote. */
export interface Result {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process and keeps what it writes. */
export async function run(...words: readonly string[]): Promise<Result> {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    }),
  )
  try {
    return { exitCode: await runProgram(words), ...written }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

/** Runs a command on the data directory of a regtest node. */
export function runAt(
  { dataDir }: { readonly dataDir: string },
  ...words: readonly string[]
): Promise<Result> {
  return run(...words, '--network', 'regtest', '--datadir', dataDir)
}
