/**
 * Judges a data directory that a killed process has left.
 *
 * Changes the directory, as every start does: it is a copy.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BlockRef, ChainManager, MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { formatHash, parseHash } from '@chain/core/primitives'
import { DATA_FILE, type DataStore, followIndex, openStore } from '@chain/storage'
import { createVerifier } from '@chain/verifier'
import { digestCoins } from './coin-digest.ts'
import { type CrashBlock, type CrashChain, spec } from './crash-chain.ts'
import { type IndexRows, indexTables, readIndexRows, rowsUpTo } from './index-rows.ts'
import type { Ledger } from './ledger.ts'

/** What the state of a directory is held against. */
export interface Truth {
  readonly chain: CrashChain
  /** The rows that a fresh index of each branch has, in the order of the branches. */
  readonly indexRows: readonly IndexRows[]
}

/** What was found. */
export interface Finding {
  /** Whether the tip in the store was behind the best branch: amid a reorganisation, or while blocks are connected anew. */
  readonly isMidway: boolean
  /** Whether an index had begun, and was behind the tip. */
  readonly isIndexBehind: boolean
}

/**
 * Opens the directory and checks everything that must hold. Notes the tip, the indexes and the pruned height that it finds.
 *
 * @throws {Error} what does not hold
 */
export async function checkDirectory(directory: string, truth: Truth, ledger: Ledger): Promise<Finding> {
  assert.deepEqual(ledger.reports, [], 'Nothing is repaired')
  if (!existsSync(join(directory, DATA_FILE))) {
    assert(ledger.tip === undefined, 'The data file is there once a block was acknowledged')
    return { isMidway: false, isIndexBehind: false }
  }
  const cursors = new Map<string, CrashBlock | undefined>()
  const { tip, isMidway, isWhole } = await withChain(directory, async (store, open) => {
    const storedTip = store.chainStore.readTip()
    if (storedTip !== undefined) expectCoins(store, truth, storedTip)
    const chain = await open()
    expectCoins(store, truth, chain.tip.hash)
    expectAcknowledged(chain, store, ledger)
    expectHeights(chain, store)
    const { fault } = await chain.verify({ level: 4, depth: 0 })
    assert(fault === undefined, `The chain verifies at level 4: ${fault?.error.message}`)
    for (const [table, index] of [
      ['transactions', store.transactionIndex],
      ['filters', store.filterIndex],
    ] as const) {
      const cursor = index.readCursor()
      cursors.set(table, cursor === undefined ? undefined : findBlock(truth, cursor.hash))
      expectIndexed(index.title, cursor, ledger)
    }
    const { hash } = chain.tip
    const isSame = storedTip !== undefined && formatHash(storedTip) === formatHash(hash)
    return { tip: findBlock(truth, hash), isMidway: !isSame, isWhole: chain.at(1)?.hasBody ?? true }
  })
  ledger.noteTip(tip.hash)
  await expectIndexRows(directory, truth, cursors)
  // An index that never began has no way to begin without the first blocks.
  if (isWhole || [...cursors.values()].every((cursor) => cursor !== undefined)) {
    await catchUp(directory)
    await expectIndexRows(directory, truth, new Map(indexTables.map((table) => [table, tip])))
  }
  const isIndexBehind = [...cursors.values()].some((cursor) => cursor !== undefined && cursor !== tip)
  return { isMidway, isIndexBehind }
}

async function withChain<Result>(
  directory: string,
  run: (store: DataStore, open: () => Promise<ChainManager>) => Promise<Result>,
): Promise<Result> {
  const reports: string[] = []
  const report = (sentence: string): number => reports.push(sentence)
  const store = await openStore({ directory, specId: spec.id, report })
  const verifier = createVerifier({ threads: 0 })
  const clock = (): number => Math.floor(Date.now() / 1_000)
  try {
    return await run(store, () => ChainManager.open(spec, { store: store.chainStore, verifier, clock }))
  } finally {
    await store.close()
    await verifier.close()
    assert.deepEqual(reports, [], 'Nothing is repaired')
  }
}

function findBlock({ chain }: Truth, hash: Uint8Array): CrashBlock {
  const block = chain.blocks.get(formatHash(hash))
  assert(block !== undefined, `The block ${formatHash(hash)} is one that was handed in`)
  return block
}

function expectCoins(store: DataStore, truth: Truth, tip: Uint8Array): void {
  const { coins, height } = findBlock(truth, tip)
  assert.equal(digestCoins(store.chainStore), coins, `The coins are those of the tip at height ${height}`)
}

function expectAcknowledged(chain: ChainManager, store: DataStore, ledger: Ledger): void {
  const { height } = chain.tip
  const acknowledged = ledger.tip?.height ?? 0
  assert(
    height >= acknowledged,
    `The tip at height ${height} is not before the acknowledged one at ${acknowledged}`,
  )
  for (const hash of ledger.stored) {
    const node = chain.find(parseHash(hash))
    assert(node !== undefined, `The acknowledged block ${hash} is known`)
    const isPruned = chain.isActive(node) && !node.hasBody
    assert(node.hasBody || isPruned, `The acknowledged block ${hash} at height ${node.height} has its body`)
  }
  const pruned = expectPruned(chain, store)
  assert(pruned >= ledger.prunedHeight, `All is pruned up to height ${ledger.prunedHeight}, not to ${pruned}`)
  ledger.prunedHeight = pruned
}

/** Checks that bodies and undo data are gone up to a height, and there above it; returns the height. */
function expectPruned(chain: ChainManager, { chainStore }: DataStore): number {
  let pruned = 0
  while (pruned < chain.tip.height && chain.at(pruned + 1)?.hasBody === false) pruned++
  assert(pruned === 0 || pruned <= chain.tip.height - MIN_KEPT_BLOCKS, 'The last blocks are kept')
  for (let height = 0; height <= chain.tip.height; height++) {
    const node = chain.at(height)
    assert(node !== undefined, `There is a block at height ${height}`)
    const isThere = height === 0 || height > pruned
    assert.equal(node.hasBody, isThere, `Blocks are pruned lowest first, up to ${pruned}: see ${height}`)
    assert.equal(chainStore.readBody(node) !== undefined, isThere, `The body at height ${height}`)
    assert.equal(chainStore.readUndo(node) !== undefined, isThere, `The undo data at height ${height}`)
  }
  return pruned
}

function expectHeights(chain: ChainManager, { chainStore }: DataStore): void {
  for (let height = 0; height <= chain.tip.height; height++)
    assert.deepEqual(chainStore.readHashAt(height), chain.at(height)?.hash, `The block of height ${height}`)
  assert.equal(chainStore.readHashAt(chain.tip.height + 1), undefined, 'There is no height above the tip')
}

function expectIndexed(title: string, cursor: BlockRef | undefined, ledger: Ledger): void {
  const height = cursor?.height ?? -1
  const acknowledged = ledger.indexed.get(title) ?? -1
  assert(height >= acknowledged, `The ${title} is at height ${height}, not before ${acknowledged}`)
}

async function catchUp(directory: string): Promise<void> {
  await withChain(directory, async ({ transactionIndex, filterIndex }, open) => {
    const chain = await open()
    for (const index of [transactionIndex, filterIndex]) {
      const stop = new AbortController()
      let following: { readonly isSynced: boolean } = { isSynced: false }
      const onProgress = (): void => {
        if (following.isSynced) stop.abort()
      }
      const started = followIndex(index, chain, { signal: stop.signal, onProgress })
      following = started
      onProgress()
      await started.done
    }
  })
}

async function expectIndexRows(
  directory: string,
  { chain, indexRows }: Truth,
  cursors: ReadonlyMap<string, CrashBlock | undefined>,
): Promise<void> {
  const found = await readIndexRows(directory)
  for (const table of indexTables) {
    const block = cursors.get(table)
    if (block === undefined) {
      assert.equal(found[table].size, 0, `The table ${table} is empty while its index has not begun`)
      continue
    }
    const branch = chain.branches.findIndex((blocks) => blocks[block.height] === block.branch.at(-1))
    const expected = rowsUpTo(indexRows[branch] as IndexRows, block)[table]
    assert.deepEqual(
      found[table],
      expected,
      `The table ${table} is that of a fresh index at height ${block.height}`,
    )
  }
}
