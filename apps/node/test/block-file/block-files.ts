/** Block files for tests, and chains to import them into. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { concatBytes } from '@chain/core/bytes'
import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { type ChainSpec, inlineVerifier, loadNetwork } from '@chain/core/consensus'
import { type Block, encodeBlock } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { BlockFile, encodePrefix } from '../../src/block-file/block-file.ts'
import { type ImportOptions, importBlocks } from '../../src/block-file/import-blocks.ts'
import type { ImportReport } from '../../src/block-file/import-report.ts'
import { systemClock } from '../../src/clock.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const regtest = loadNetwork('regtest')

/** Bitcoin's regtest, with coins that can be spent at once. */
export const spec: ChainSpec = { ...regtest, consensus: { ...regtest.consensus, coinbaseMaturity: 1 } }

/** Blocks that follow the genesis block, each of which spends the coins of the one before. */
export function mineBlocks(count: number): Block[] {
  const builder = ChainBuilder.create(spec)
  builder.mine()
  while (builder.height < count) {
    const [coin] = builder.spendable()
    const outputs = [{ value: 1_000n, scriptPubKey: testKey('payee').script }]
    builder.mine({ transactions: coin === undefined ? [] : [builder.spend([coin], outputs)] })
  }
  return builder.blocks
}

/** The record of a block, given as such or by its bytes. */
export function recordOf(block: Block | Uint8Array): Uint8Array {
  const bytes = block instanceof Uint8Array ? block : encodeBlock(block)
  return concatBytes(encodePrefix(spec.magic, bytes.length), bytes)
}

/** Writes a file that is gone after the test; gives its path. */
export function writeParts(...parts: readonly Uint8Array[]): string {
  const path = join(temporaryDirectory(), 'blocks.dat')
  writeFileSync(path, concatBytes(...parts))
  return path
}

/** A chain in memory that holds nothing but the genesis block. */
export function openEmptyChain(): Promise<ChainManager> {
  return ChainManager.open(spec, {
    store: new MemoryChainStore(),
    verifier: inlineVerifier,
    clock: systemClock,
  })
}

/** Imports a file into a chain. */
export async function importPath(
  chain: ChainManager,
  path: string,
  options: Omit<ImportOptions, 'file' | 'chain'> = {},
): Promise<ImportReport> {
  const file = await BlockFile.open(path)
  try {
    return await importBlocks({ ...options, file, chain })
  } finally {
    await file.close()
  }
}

/** Imports parts of a file into a chain. */
export function importParts(
  chain: ChainManager,
  parts: readonly Uint8Array[],
  options?: Omit<ImportOptions, 'file' | 'chain'>,
): Promise<ImportReport> {
  return importPath(chain, writeParts(...parts), options)
}
