/**
 * What a node does for months, in a loop: imports, reorganisations, queries, pruning, opening and closing.
 *
 * One data directory stays open all the time, and its chain is moved back and forth; another one is made anew in each round.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesKey } from '@chain/core/bytes'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { decodeBlock, txids } from '@chain/core/primitives'
import { DATA_FILE, type DataStore, followIndex } from '@chain/storage'
import { BlockFile } from '../../apps/node/src/block-file/block-file.ts'
import { importBlocks } from '../../apps/node/src/block-file/import-blocks.ts'
import { type BareChain, openBareChain } from '../../apps/node/src/open-bare-chain.ts'
import { createCrashChain, FORK_HEIGHT, spec } from '../crash/crash-chain.ts'
import { writeBlockFile } from '../crash/crash-scene.ts'

/** Lookups of each kind in a round. */
const LOOKUPS = 200
/** Rows of an index that are written at a time. */
const GROUP_ROWS = 100

/** A soak that has begun. */
export class Soak {
  readonly #root: string
  readonly #blocks: string
  readonly #lasting: BareChain
  readonly #indexes: Indexes
  /** Blocks that were imported, and blocks that were connected or disconnected otherwise. */
  readonly counts = { rounds: 0, imported: 0, moved: 0, lookups: 0 }

  private constructor(root: string, blocks: string, lasting: BareChain) {
    this.#root = root
    this.#blocks = blocks
    this.#lasting = lasting
    this.#indexes = new Indexes(lasting.store, lasting.chain)
    lasting.chain.subscribe(({ type }) => {
      if (type === 'block-connected' || type === 'block-disconnected') this.counts.moved += 1
    })
  }

  /** @param blocks - a block file of regtest to import in each round; the one of the crash harness unless given */
  static async begin(blocks?: string): Promise<Soak> {
    const root = mkdtempSync(join(tmpdir(), 'chain-soak-'))
    const own = join(root, 'blocks.blk')
    writeBlockFile(own, (await createCrashChain()).order)
    const lasting = await openBareChain({ spec, dataDir: join(root, 'lasting') })
    await importFile(lasting, own)
    return new Soak(root, blocks ?? own, lasting)
  }

  /** The data file that stays open. */
  get dataFile(): string {
    return join(this.#root, 'lasting', DATA_FILE)
  }

  /** Everything once. */
  async round(): Promise<void> {
    const { chain, store } = this.#lasting
    this.counts.rounds += 1
    await this.#reorganise(chain)
    await this.#query(store, chain)
    await this.#importAnew()
  }

  /** To the other branch, which has less work, and back. */
  async #reorganise(chain: ChainManager): Promise<void> {
    for (let turn = 0; turn < 2; turn++) {
      const first = chain.at(FORK_HEIGHT + 1) as BlockNode
      await chain.invalidate(first)
      await this.#indexes.synced()
      await chain.reconsider(first)
      await this.#indexes.synced()
    }
  }

  async #query(store: DataStore, chain: ChainManager): Promise<void> {
    const { chainStore, transactionIndex, filterIndex } = store
    // One list of coins to its end, some given up, and one over changes of the chain.
    const outpoints = Array.from(chainStore.readCoins(), ([outpoint]) => outpoint)
    for (let list = 0; list < 5; list++) for (const _ of chainStore.readCoins()) break
    const held = chainStore.holdCoins()
    for (let lookup = 0; lookup < LOOKUPS; lookup++) {
      const outpoint = outpoints[(lookup * 7) % outpoints.length]
      if (outpoint === undefined || chain.readCoin(outpoint) === undefined)
        throw new Error('A coin is missing.')
      const node = chain.at(1 + ((lookup * 13 + this.counts.rounds) % chain.tip.height)) as BlockNode
      const block = decodeBlock(chain.readBody(node) as Uint8Array)
      const place = transactionIndex.find(txids(block.transactions)[0] as Uint8Array)
      if (place === undefined || bytesKey(place.block.hash) !== bytesKey(node.hash))
        throw new Error('A transaction is not where it should be.')
      if (filterIndex.find(node) === undefined) throw new Error('A filter is missing.')
    }
    chain.headersAfter(chain.locator())
    const { fault } = await chain.verify({ depth: 0, level: 4 })
    if (fault !== undefined) throw fault.error
    if ([...held.read()].length !== outpoints.length) throw new Error('Coins changed without a block.')
    held.release()
    this.counts.lookups += 4 * LOOKUPS
  }

  /** A directory of its own: imported into, indexed, pruned, opened again and removed. */
  async #importAnew(): Promise<void> {
    const dataDir = join(this.#root, 'fresh')
    const first = await openBareChain({ spec, dataDir })
    this.counts.imported += await importFile(first, this.#blocks)
    const indexes = new Indexes(first.store, first.chain)
    await indexes.synced()
    await indexes.close()
    await first.chain.prune(first.chain.tip.height)
    await first.close()
    for (let turn = 0; turn < 2; turn++) {
      const again = await openBareChain({ spec, dataDir, par: 1 })
      const { fault } = await again.chain.verify({ depth: 0, level: 3 })
      if (fault !== undefined) throw fault.error
      await again.close()
    }
    rmSync(dataDir, { recursive: true })
  }

  /** Closes and removes everything. */
  async close(): Promise<void> {
    await this.#indexes.close()
    await this.#lasting.close()
    rmSync(this.#root, { recursive: true })
  }
}

async function importFile({ chain }: BareChain, path: string): Promise<number> {
  const file = await BlockFile.open(path)
  try {
    const { blocks, rejections } = await importBlocks({ file, chain })
    if (rejections.length > 0) throw new Error(`A block was refused: ${JSON.stringify(rejections[0])}`)
    return blocks
  } finally {
    await file.close()
  }
}

/** Both indexes of a directory, following its chain. */
class Indexes {
  readonly #stop = new AbortController()
  readonly #followings: ReturnType<typeof followIndex>[]
  readonly #done: Promise<unknown>
  #progress = Promise.withResolvers<void>()

  constructor({ transactionIndex, filterIndex }: DataStore, chain: ChainManager) {
    const options = {
      signal: this.#stop.signal,
      groupRows: GROUP_ROWS,
      onProgress: () => {
        this.#progress.resolve()
      },
    }
    this.#followings = [transactionIndex, filterIndex].map((index) => followIndex(index, chain, options))
    this.#done = Promise.all(this.#followings.map(({ done }) => done))
    // Not by a race with it: every race would be remembered for as long as it runs.
    this.#done.catch((error: unknown) => this.#progress.reject(error))
  }

  /** Waits until both have come to the tip. */
  async synced(): Promise<void> {
    while (!this.#followings.every(({ isSynced }) => isSynced)) {
      await this.#progress.promise
      this.#progress = Promise.withResolvers()
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }
}
