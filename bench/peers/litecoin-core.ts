/**
 * Litecoin Core, which is Bitcoin Core's C++ code with other numbers: the import of a block file with every signature checked.
 *
 * Source: Debian, package litecoind
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Run, runToEnd } from './run-to-end.ts'

/** Everything is checked, nothing but the import is done. */
const options = [
  ...[
    '-regtest',
    '-stopafterblockimport=1',
    '-assumevalid=0',
    '-checkpoints=0',
    '-checkblockindex=0',
    '-checkmempool=0',
  ],
  ...['-disablewallet=1', '-listen=0', '-server=0', '-connect=0', '-daemon=0', '-printtoconsole=0', '-par=2'],
]

/** Where the program is, or `undefined` where it is not installed. */
export function findLitecoinCore(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'litecoind')).find(existsSync)
}

/** Imports a block file of Litecoin's regtest; rejects when the chain does not reach the height. */
export async function runLitecoinCore(program: string, file: string, height: number): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'litecoin-bench-'))
  try {
    const run = await runToEnd(program, [...options, `-datadir=${directory}`, `-loadblock=${file}`])
    const log = readFileSync(join(directory, 'regtest/debug.log'), 'utf8')
    const reached = Array.from(log.matchAll(/UpdateTip: .* height=(\d+)/g), ([, text]) => Number(text)).at(-1)
    if (reached !== height) throw new Error(`${program} imported up to height ${reached}, not ${height}.`)
    return run
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
