/**
 * `chain-node export`: writes the active chain into a block file, without a network.
 */
import { resolve } from 'node:path'
import { printResult, usageError } from '@chain/cli'
import type { ChainManager } from '@chain/core/chain'
import type { Command } from 'commander'
import { type Exported, exportBlocks } from '../block-file/export-blocks.ts'
import { formatRates } from '../block-file/progress-line.ts'
import { heightNotReached } from '../errors.ts'
import { expectChain } from '../expect-chain.ts'
import { openBareChain } from '../open-bare-chain.ts'
import { watchInterruption } from './interruption.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'
import { integer } from './option-parsers.ts'
import { ProgressBar } from './progress.ts'

const help = `
The genesis block is left out, because every node has it; --from 0 writes it too.

Example:
  $ chain-node export bootstrap.dat --network regtest`

interface ExportCommandOptions extends NodeOptions {
  readonly from: number
  readonly to?: number
  readonly force?: boolean
}

/** Adds the command. */
export function addExport(program: Command): void {
  const height = integer(0, 2 ** 31)
  addNodeOptions(program.command('export'))
    .description('write the blocks of the chain into a file that import takes in')
    .argument('<file>', 'where to write them')
    .option('--from <height>', 'first block', height, 1)
    .option('--to <height>', 'last block (default: the tip)', height)
    .option('--force', 'replace the file')
    .addHelpText('after', help)
    .action(exportFile)
}

async function exportFile(file: string, options: ExportCommandOptions): Promise<void> {
  const { spec, dataDir } = locate(options)
  expectChain(dataDir)
  const open = await openBareChain({ spec, dataDir })
  const bar = new ProgressBar()
  const { signal, unwatch } = watchInterruption()
  try {
    const { from, to } = rangeOf(open.chain, options)
    const onProgress = (blocks: number, bytes: number): void => {
      bar.show({ done: blocks / (to - from + 1), blocks, bytes })
    }
    const path = resolve(file)
    const { chain } = open
    const force = options.force === true
    const exported = await exportBlocks({ chain, file: path, from, to, force, signal, onProgress })
    bar.end()
    report(options.json === true, { ...exported, from, to, file: path }, bar.seconds)
  } finally {
    bar.end()
    unwatch()
    await open.close()
  }
}

/** @throws {OperationalError} `height-not-reached`, `usage` */
function rangeOf(chain: ChainManager, options: ExportCommandOptions): { from: number; to: number } {
  const { height: tip } = chain.tip
  const { from, to = tip } = options
  for (const height of [from, to]) if (height > tip) throw heightNotReached(height, tip)
  if (from > to) throw usageError(`The range from height ${from} to height ${to} has no blocks.`)
  return { from, to }
}

function report(
  json: boolean,
  exported: Exported & { readonly from: number; readonly to: number; readonly file: string },
  seconds: number,
): void {
  const { blocks, bytes, from, to, file } = exported
  const rates = formatRates(blocks, bytes, seconds)
  const text = `Wrote ${blocks} blocks, from height ${from} to ${to}, ${bytes} bytes, to ${file} (${rates}).`
  printResult(json, exported, text)
}
