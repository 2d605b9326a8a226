/**
 * `chain-node mine`: mines blocks now, through the node that runs on the data directory, or without a network when none
 * does.
 */
import { hasColours, overwriteProgress, printResult } from '@chain/cli'
import type { ChainSpec } from '@chain/core/consensus'
import { formatHash } from '@chain/core/primitives'
import { parseAddress } from '@chain/core/script'
import type { Command } from 'commander'
import { miningAddressMissing, miningInterrupted } from '../errors.ts'
import { createLogger } from '../logger.ts'
import { defaultThreads } from '../mining/default-threads.ts'
import { MAX_THREADS } from '../mining/nonce-threads.ts'
import type { NodeStatus } from '../node-status.ts'
import { findNode, type RpcClient } from '../rpc/client.ts'
import { watchInterruption } from './interruption.ts'
import { addNodeOptions, locate, type NodeOptions, oneOf } from './node-options.ts'
import { integer } from './option-parsers.ts'

/** Most blocks of one command. */
const MAX_BLOCKS = 100_000

interface MineOptions extends NodeOptions {
  readonly to?: string
  /** The tutorials' name of `to`. */
  readonly minter?: string
  readonly threads?: number
}

/** Adds the command. */
export function addMine(program: Command): void {
  addNodeOptions(program.command('mine'))
    .alias('mint')
    .description('mine blocks now, through the running node, or offline when none runs on the data directory')
    .argument('[count]', 'how many', integer(1, MAX_BLOCKS), 1)
    .option('--to <address>', 'whom the blocks pay (default: the address of start --mine)')
    .option('--minter <address>', 'the same as --to')
    .option(
      '--threads <count>',
      'threads when no node runs (default: all cores but one)',
      integer(1, MAX_THREADS),
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ chain-node mine 10 --network dev --to "$(chain-wallet address --network dev)"',
    )
    .action(mine)
}

async function mine(count: number, options: MineOptions): Promise<void> {
  const { spec, dataDir } = locate(options)
  const named = oneOf(['--to', options.to], ['--minter', options.minter])
  const node = await findNode(dataDir)
  const address = named ?? (await addressOf(node))
  if (address === undefined) throw miningAddressMissing()
  parseAddress(address, spec.addressPrefix)
  const mined =
    node === undefined
      ? await mineOffline(count, address, spec, dataDir, options.threads ?? defaultThreads())
      : await mineThrough(node, count, address)
  const text = mined.hashes.map((hash, index) => `${mined.height - mined.hashes.length + 1 + index} ${hash}`)
  printResult(options.json === true, mined, text.join('\n'))
}

/** Whom the running node's own blocks pay, while it mines on and on. */
async function addressOf(node: RpcClient | undefined): Promise<string | undefined> {
  return ((await node?.call('getstatus')) as NodeStatus | undefined)?.mining.address
}

/** What the command prints as JSON. */
interface Mined {
  readonly hashes: string[]
  /** Height of the chain afterwards. */
  readonly height: number
}

/** One call for each block, so that progress shows and an interrupted command stops the search. */
async function mineThrough(node: RpcClient, count: number, address: string): Promise<Mined> {
  const hashes: string[] = []
  while (hashes.length < count) {
    const [hash] = (await node.call('generatetoaddress', [1, address])) as [string]
    hashes.push(hash)
    reportProgress(hashes.length, count)
  }
  return { hashes, height: (await node.call('getblockcount')) as number }
}

async function mineOffline(
  count: number,
  address: string,
  spec: ChainSpec,
  dataDir: string,
  threads: number,
): Promise<Mined> {
  const { openChain } = await import('../open-chain.ts')
  const log = createLogger({ level: 'warn', format: 'pretty', colour: hasColours(process.stderr) })
  const open = await openChain({ spec, dataDir, threads, log })
  const start = open.chain.tip.height
  const { signal, unwatch } = watchInterruption()
  try {
    const script = parseAddress(address, spec.addressPrefix)
    const hashes: string[] = []
    while (hashes.length < count) {
      const found = await open.miner.generate(1, script, signal)
      hashes.push(...found.map(formatHash))
      reportProgress(hashes.length, count)
    }
    return { hashes, height: open.chain.tip.height }
  } catch (error) {
    throw signal.aborted ? miningInterrupted(open.chain.tip.height - start, count) : error
  } finally {
    if (hasColours(process.stderr)) overwriteProgress('')
    unwatch()
    await open.close()
  }
}

/** Shows a person at a terminal how far the work is; nothing of it stays. */
function reportProgress(done: number, count: number): void {
  if (hasColours(process.stderr)) overwriteProgress(done === count ? '' : `mined ${done} of ${count}`)
}
