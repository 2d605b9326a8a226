/**
 * `chain-node import` of this checkout, as a process of its own on a directory of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Run, runToEnd } from './run-to-end.ts'

const main = join(import.meta.dirname, '../../apps/node/src/main.ts')

/** What `chain-node import --json` prints. */
export interface Summary {
  readonly blocks: number
  readonly transactions: number
  readonly signatures: number
  readonly seconds: number
  readonly height: number
  readonly tip: string
  readonly peakRssBytes: number
  readonly verifier: string
  /** Milliseconds. */
  readonly eventLoopLag: { readonly p50: number; readonly p99: number; readonly max: number }
}

/**
 * Imports a block file of regtest.
 *
 * @param options - further options of the command
 */
export async function runChainNode(
  file: string,
  options: readonly string[] = [],
): Promise<Run & { readonly summary: Summary }> {
  const directory = mkdtempSync(join(tmpdir(), 'chain-bench-'))
  try {
    const words = ['import', file, '--network', 'regtest', '--datadir', directory, '--json', ...options]
    const run = await runToEnd(process.execPath, ['--conditions=@chain/source', main, ...words])
    return { ...run, summary: JSON.parse(run.output) as Summary }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
