/**
 * `chain-node verify`: judges the blocks of a data directory anew, without a network.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { printResult } from '@chain/cli'
import type { VerifyLevel, VerifyReport } from '@chain/core/chain'
import { formatHash } from '@chain/core/primitives'
import type { Command } from 'commander'
import { verificationFailed } from '../errors.ts'
import { expectChain } from '../expect-chain.ts'
import { openBareChain } from '../open-bare-chain.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'
import { integer } from './option-parsers.ts'
import { ProgressBar } from './progress.ts'
import { addResourceOptions, type ResourceOptions, resourcesOf } from './resource-options.ts'

const help = `
Levels, each with those before it:
  0  blocks are there and can be read        3  the coins fit the blocks (default)
  1  blocks follow the rules without coins   4  blocks follow all rules, signatures included
  2  undo data is there and can be read

Nothing is changed. Exit codes: 0 all is well; 7 the data directory is damaged.

Example:
  $ chain-node verify --depth 0 --level 4 --network regtest`

interface VerifyCommandOptions extends NodeOptions, ResourceOptions {
  readonly depth: number
  readonly level: number
}

/** Adds the command. */
export function addVerify(program: Command): void {
  addResourceOptions(addNodeOptions(program.command('verify')))
    .description('check the stored blocks and coins again')
    .option('--depth <blocks>', 'how many blocks from the tip down; 0 for all', integer(0, 2 ** 31), 6)
    .option('--level <level>', 'how thoroughly, 0 to 4', integer(0, 4), 3)
    .addHelpText('after', help)
    .action(verify)
}

async function verify(options: VerifyCommandOptions): Promise<void> {
  const { spec, dataDir } = locate(options)
  expectChain(dataDir)
  const open = await openBareChain({ spec, dataDir, ...resourcesOf(options) })
  const bar = new ProgressBar()
  try {
    const { depth } = options
    const level = options.level as VerifyLevel
    const onProgress = async (done: number, all: number): Promise<void> => {
      bar.show({ done: done / all, blocks: done })
      // Signals are heard in between.
      await nextTurn()
    }
    const report = await open.chain.verify({ depth, level, onProgress })
    bar.end()
    const { fault } = report
    if (fault !== undefined) throw verificationFailed(fault.height, formatHash(fault.hash), fault.error)
    const { height, hash } = open.chain.tip
    print(options, { height, tip: formatHash(hash), level, seconds: bar.seconds, ...report })
  } finally {
    bar.end()
    await open.close()
  }
}

function print(
  options: VerifyCommandOptions,
  report: VerifyReport & { height: number; tip: string; level: VerifyLevel; seconds: number },
): void {
  const { blocks, from, transactions, signatures, height, tip, level } = report
  const seconds = Math.round(report.seconds * 1_000) / 1_000
  const value = { blocks, from, transactions, signatures, level, height, tip, seconds }
  const checked = level === 4 ? ` and ${signatures} signatures` : ''
  const lowest = options.depth === 0 ? 1 : Math.max(1, height - options.depth + 1)
  const text = [
    `All is well: ${blocks} blocks with ${transactions} transactions${checked} verified at level ${level} in ${seconds} s.`,
    ...(from > lowest && blocks > 0 ? [`The blocks below height ${from} were pruned.`] : []),
    `The chain is at height ${height}, tip ${tip}.`,
  ].join('\n')
  printResult(options.json === true, value, text)
}
