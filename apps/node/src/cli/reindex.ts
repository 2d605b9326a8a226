/**
 * `chain-node reindex`: makes the chain anew from the blocks in the data directory, without a network.
 */
import { type ExitCode, exitCodes, printProgress, printResult } from '@chain/cli'
import type { Command } from 'commander'
import { CountingVerifier } from '../counting-verifier.ts'
import { reindexInterrupted } from '../errors.ts'
import { expectChain } from '../expect-chain.ts'
import { type Reindexed, type ReindexOptions, reindexBlocks, reindexCoins } from '../reindex.ts'
import { DEFAULT_PAR, openVerifier } from '../verifier.ts'
import { watchInterruption } from './interruption.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'
import { ProgressBar } from './progress.ts'
import { addResourceOptions, type ResourceOptions, resourcesOf } from './resource-options.ts'

const help = `
Every block is found in the data file, however damaged that is, and judged as if it were new; the new file takes the place
of the old one when it is complete, which needs room for both. Blocks that are lost are downloaded again by the next start.
Where blocks above a lost one are left out, the old file is kept beside the new one, as chain.mdb.old.
With --coins-only the coins are made anew from the stored blocks in place, which is quicker and needs a file that can be read.

Exit codes: 0 every valid block is in the chain; 6 blocks were left out, and the old file was kept; 7 the data directory
cannot be used; 130 interrupted.

Example:
  $ chain-node reindex --network regtest`

interface ReindexCommandOptions extends NodeOptions, ResourceOptions {
  readonly coinsOnly?: boolean
}

/** Adds the command; `setExitCode` is told when blocks were left out. */
export function addReindex(program: Command, setExitCode: (exitCode: ExitCode) => void): void {
  addResourceOptions(addNodeOptions(program.command('reindex')))
    .description('make the chain anew from the stored blocks, after damage')
    .option('--coins-only', 'only the coins, from blocks that were verified before')
    .addHelpText('after', help)
    .action(async (options: ReindexCommandOptions) => setExitCode(await reindex(options)))
}

async function reindex(options: ReindexCommandOptions): Promise<ExitCode> {
  const { spec, dataDir } = locate(options)
  expectChain(dataDir)
  const report = (sentence: string): void => printProgress(sentence)
  const { par = DEFAULT_PAR, ...sizes } = resourcesOf(options)
  const verifier = new CountingVerifier(openVerifier(par, report))
  const bar = new ProgressBar()
  const onProgress = (done: number, all: number): void => bar.show({ done: done / all, blocks: done })
  const parts = { spec, dataDir, verifier, report, onProgress, ...sizes }
  try {
    const reindexed = await (options.coinsOnly === true ? reindexCoins(parts) : reindexAll(parts))
    bar.end()
    if (reindexed === undefined) throw reindexInterrupted()
    print(options.json === true, reindexed, verifier.count, bar.seconds)
    return reindexed.leftOut === 0 ? exitCodes.done : exitCodes.refused
  } finally {
    bar.end()
    await verifier.close()
  }
}

/** Ctrl-C ends it without a trace. */
async function reindexAll(options: ReindexOptions): Promise<Reindexed | undefined> {
  const { signal, unwatch } = watchInterruption()
  return await reindexBlocks({ ...options, signal }).finally(unwatch)
}

function print(json: boolean, reindexed: Reindexed, signatures: number, time: number): void {
  const { blocks, transactions, height, tip, leftOut, oldFile } = reindexed
  const seconds = Math.round(time * 1_000) / 1_000
  const text = [
    `Connected ${blocks} blocks with ${transactions} transactions and ${signatures} signatures in ${seconds} s.`,
    ...(oldFile === undefined
      ? []
      : [
          `${leftOut} blocks were left out, since a block before them is missing, or the clock of this machine is behind: the next start downloads what is missing.`,
          `The old data file has them and was kept as ${oldFile}: remove it when the chain is complete again.`,
        ]),
    `The chain is at height ${height}, tip ${tip}.`,
  ].join('\n')
  printResult(json, { blocks, transactions, signatures, seconds, height, tip, leftOut, oldFile }, text)
}
