/**
 * `chain-node printchain`: every block of the active chain, from the tip down; through the node that runs on the data
 * directory, or straight from it when none does.
 */
import { hasColours, printProgress } from '@chain/cli'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { ChainError } from '@chain/core/errors'
import { decodeBlock } from '@chain/core/primitives'
import type { Command } from 'commander'
import { expectChain } from '../expect-chain.ts'
import { createLogger } from '../logger.ts'
import { blockJson } from '../rpc/block-json.ts'
import { findNode, type RpcClient } from '../rpc/client.ts'
import { readBody } from '../rpc/find-block.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'
import { integer } from './option-parsers.ts'

interface PrintOptions extends NodeOptions {
  readonly limit?: number
}

/** A block as `getblock` shows it. */
type BlockJson = Record<string, unknown>

/** Adds the command. */
export function addPrintChain(program: Command): void {
  addNodeOptions(program.command('printchain'))
    .description('print the blocks of the chain, from the tip down')
    .option('--limit <count>', 'how many blocks at most', integer(1, 2 ** 31))
    .action(printChain)
}

async function printChain(options: PrintOptions): Promise<void> {
  const { spec, dataDir } = locate(options)
  const node = await findNode(dataDir)
  if (node !== undefined) {
    await printBlocks(untilPruned(blocksOfNode(node)), options)
    return
  }
  expectChain(dataDir)
  const { openChain } = await import('../open-chain.ts')
  const log = createLogger({ level: 'warn', format: 'pretty', colour: hasColours(process.stderr) })
  const open = await openChain({ spec, dataDir, threads: 1, log })
  try {
    await printBlocks(untilPruned(blocksOfChain(open.chain)), options)
  } finally {
    await open.close()
  }
}

async function* blocksOfNode(node: RpcClient): AsyncGenerator<BlockJson> {
  let hash: unknown = await node.call('getbestblockhash')
  while (hash !== undefined) {
    const block = (await node.call('getblock', [hash])) as BlockJson
    yield block
    hash = block.previousblockhash
  }
}

async function* blocksOfChain(chain: ChainManager): AsyncGenerator<BlockJson> {
  for (let node: BlockNode | undefined = chain.tip; node !== undefined; node = node.parent) {
    yield blockJson(chain, node, decodeBlock(readBody(chain, node)), 1)
  }
}

/** The blocks down to the first that was pruned, of which people are told. */
async function* untilPruned(blocks: AsyncIterable<BlockJson>): AsyncGenerator<BlockJson> {
  try {
    yield* blocks
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== 'block-not-available') throw error
    printProgress('The blocks below were pruned.')
  }
}

/** As JSON one array, for people block by block. */
async function printBlocks(
  blocks: AsyncIterable<BlockJson>,
  { json = false, limit = Number.POSITIVE_INFINITY }: PrintOptions,
): Promise<void> {
  let count = 0
  for await (const block of blocks) {
    const separator = json ? (count === 0 ? '[' : ',') : ''
    process.stdout.write(separator + (json ? JSON.stringify(block) : formatBlock(block)))
    count += 1
    if (count >= limit) break
  }
  if (json) process.stdout.write(']\n')
}

function formatBlock({ height, hash, previousblockhash, time, bits, nonce, tx }: BlockJson): string {
  const transactions = (tx as string[]).map((txid) => `  transaction ${txid}\n`)
  const parent = typeof previousblockhash === 'string' ? previousblockhash : 'none: the genesis block'
  const when = new Date((time as number) * 1_000).toISOString()
  return `block ${String(height)} ${String(hash)}
  parent ${parent}
  time ${when}, bits ${String(bits)}, nonce ${String(nonce)}
${transactions.join('')}\n`
}
