/**
 * `chain-node reindex`: makes the chain anew from the blocks in the data directory, without a network.
 */
import { printProgress, printResult } from '@chain/cli'
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
With --coins-only the coins are made anew from the stored blocks in place, which is quicker and needs a file that can be read.

Example:
  $ chain-node reindex --network regtest`

interface ReindexCommandOptions extends NodeOptions, ResourceOptions {
  readonly coinsOnly?: boolean
}

/** Adds the command. */
export function addReindex(program: Command): void {
  addResourceOptions(addNodeOptions(program.command('reindex')))
    .description('make the chain anew from the stored blocks, after damage')
    .option('--coins-only', 'only the coins, from blocks that were verified before')
    .addHelpText('after', help)
    .action(reindex)
}

async function reindex(options: ReindexCommandOptions): Promise<void> {
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
  const { blocks, transactions, height, tip, leftOut } = reindexed
  const seconds = Math.round(time * 1_000) / 1_000
  const text = [
    `Connected ${blocks} blocks with ${transactions} transactions and ${signatures} signatures in ${seconds} s.`,
    ...(leftOut === 0
      ? []
      : [
          `${leftOut} blocks were left out: they are invalid, or lack a block before them, which the next start downloads.`,
        ]),
    `The chain is at height ${height}, tip ${tip}.`,
  ].join('\n')
  printResult(json, { blocks, transactions, signatures, seconds, height, tip, leftOut }, text)
}
