/**
 * `chain-node import`: takes in the blocks of a block file, without a network.
 */
import { type ExitCode, exitCodes, printProgress, printResult } from '@chain/cli'
import { formatHash } from '@chain/core/primitives'
import type { Command } from 'commander'
import { BlockFile } from '../block-file/block-file.ts'
import { importBlocks } from '../block-file/import-blocks.ts'
import type { ImportReport, Rejection } from '../block-file/import-report.ts'
import { formatRates } from '../block-file/progress-line.ts'
import { blockFileEmpty, importInterrupted } from '../errors.ts'
import { type LoopLag, LoopLagMonitor } from '../loop-lag.ts'
import { type BareChain, openBareChain } from '../open-bare-chain.ts'
import { watchInterruption } from './interruption.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'
import { ProgressBar } from './progress.ts'
import { addResourceOptions, type ResourceOptions, resourcesOf } from './resource-options.ts'

/** Rejections that are told to people; `--json` has more. */
const TOLD_REJECTIONS = 20

const help = `
Blocks may stand in any order. What the chain has already is skipped, so that the same command goes on with an import that
was interrupted. Damaged and refused records are told with their offsets, and the import goes on.

Exit codes: 0 every block that can be read is in the chain; 6 blocks were refused or lack their parents; 130 interrupted.

Example:
  $ chain-node import bootstrap.dat --network regtest`

interface ImportCommandOptions extends NodeOptions, ResourceOptions {}

/** Adds the command; `setExitCode` is told when blocks were refused. */
export function addImport(program: Command, setExitCode: (exitCode: ExitCode) => void): void {
  addResourceOptions(addNodeOptions(program.command('import')))
    .description('take in the blocks of a file such as bootstrap.dat or blk00000.dat')
    .argument('<file>', 'magic, length and block, again and again')
    .addHelpText('after', help)
    .action(async (file: string, options: ImportCommandOptions) =>
      setExitCode(await importFile(file, options)),
    )
}

/** What the command prints as JSON. */
interface Imported {
  /** Blocks that were taken in, not those that were there before. */
  readonly blocks: number
  /** Their transactions. */
  readonly transactions: number
  /** Signatures that were verified. */
  readonly signatures: number
  /** Since the start of the process, until everything was stored and the data directory was closed. */
  readonly seconds: number
  /** Of the chain afterwards. */
  readonly height: number
  /** Hash of its last block. */
  readonly tip: string
  readonly peakRssBytes: number
  readonly verifier: string
  /** Milliseconds by which the event loop was late while blocks were taken in. */
  readonly eventLoopLag: LoopLag
  /** What was not taken in; left out when there is nothing of it. */
  readonly rejected?: readonly Rejection[]
  /** Blocks that stand too long before their parents, for the next run; left out when there are none. */
  readonly forgotten?: number
}

async function importFile(path: string, options: ImportCommandOptions): Promise<ExitCode> {
  const { spec, dataDir } = locate(options)
  const file = await BlockFile.open(path)
  try {
    const open = await openBareChain({ spec, dataDir, ...resourcesOf(options) })
    const { report, rates, eventLoopLag } = await importInto(open, file)
    if (!report.isComplete) throw importInterrupted(report.blocks, open.chain.tip.height)
    if (!report.hasBlocks) throw blockFileEmpty(path, spec, report.rejections[0])
    const imported = summarise(report, open, eventLoopLag)
    printResult(options.json === true, imported, formatImported(imported, report, rates))
    return report.isEverythingTaken ? exitCodes.done : exitCodes.refused
  } finally {
    await file.close()
  }
}

/** Ends at the first Ctrl-C, and where the store or the file fails, which is told after how far it came; closes the chain. */
async function importInto(
  open: BareChain,
  file: BlockFile,
): Promise<{ readonly report: ImportReport; readonly rates: string; readonly eventLoopLag: LoopLag }> {
  const { chain } = open
  const bar = new ProgressBar()
  const lag = new LoopLagMonitor(Number.POSITIVE_INFINITY)
  const { signal, unwatch } = watchInterruption()
  try {
    const onProgress = (bytes: number, blocks: number): void => {
      bar.show({ done: file.size === 0 ? 1 : bytes / file.size, blocks, bytes })
    }
    const report = await importBlocks({ file, chain, signal, onProgress })
    return { report, rates: formatRates(report.blocks, file.size, bar.seconds), eventLoopLag: lag.read() }
  } catch (error) {
    bar.end()
    printProgress(`The import ends at height ${chain.tip.height}; the same command goes on from there.`)
    throw error
  } finally {
    bar.end()
    lag.close()
    unwatch()
    await open.close()
  }
}

function summarise(report: ImportReport, { chain, verifier }: BareChain, eventLoopLag: LoopLag): Imported {
  const { blocks, transactions, rejections, forgotten } = report
  return {
    blocks,
    transactions,
    signatures: verifier.count,
    seconds: Math.round(performance.now()) / 1_000,
    height: chain.tip.height,
    tip: formatHash(chain.tip.hash),
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
    verifier: verifier.name,
    eventLoopLag,
    ...(rejections.length === 0 ? {} : { rejected: rejections }),
    ...(forgotten === 0 ? {} : { forgotten }),
  }
}

function formatImported(imported: Imported, report: ImportReport, rates: string): string {
  const { blocks, transactions, signatures, seconds, height, tip, peakRssBytes, verifier } = imported
  const memory = Math.ceil(peakRssBytes / 1e6)
  return [
    `Imported ${blocks} blocks with ${transactions} transactions and ${signatures} signatures in ${seconds} s (${rates}).`,
    ...(report.known === 0 ? [] : [`The chain had ${report.known} blocks of the file before.`]),
    `It is at height ${height}, tip ${tip}. Verifier ${verifier}, at most ${memory} MB of memory.`,
    ...formatRejections(report),
  ].join('\n')
}

function formatRejections(report: ImportReport): string[] {
  const told = report.rejections.slice(0, TOLD_REJECTIONS)
  const more = report.rejected - told.length
  return [
    ...(told.length === 0 ? [] : [`${report.rejected} parts of the file were not taken in:`]),
    ...told.map(({ offset, reason }) => `  at offset ${offset}: ${reason}`),
    ...(more === 0 ? [] : [`  and ${more} more.`]),
    ...(report.forgotten === 0
      ? []
      : [
          `${report.forgotten} blocks stand too long before their parents: the same command takes in more of them.`,
        ]),
  ]
}
