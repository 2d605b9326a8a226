import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { equalBytes } from '@chain/core/bytes'
import { type BlockNode, ChainManager, MemoryChainStore } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { type Block, blockHash, encodeBlock, formatHash, parseHash } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { expect, test } from 'vitest'
import { checkDataFile } from '../src/data-file/check-data-file.ts'
import { Environment } from '../src/environment.ts'
import { DATA_FILE, transactionKey } from '../src/layout.ts'
import { openStore } from '../src/open-store.ts'
import { digestCoins } from './digest-coins.ts'
import { modelIndexes } from './index-model.ts'
import { nextLine, runProcess } from './processes/run-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const KILLS = 10
const spec = loadNetwork('regtest')
/** Judges no signatures: they are not what is tested here, and take most of the time. */
const modules = {
  verifier: { name: 'none', findInvalid: () => Promise.resolve(undefined) },
  clock: (): number => 0xffffffff,
}

/**
 * Two branches that overtake each other, so that a process may also be killed amid a reorganisation:
 *
 *     0 … 110 - a1 … a5            a6 … a17
 *            \  b1 …           b9            b10 … b30
 */
function createBranches(): { order: Block[]; branches: Block[][] } {
  const a = ChainBuilder.create()
  a.mineEmpty(110)
  const b = a.fork()
  const order = [...a.blocks]
  const grow = (builder: ChainBuilder, count: number, extraNonce: number): void => {
    for (let i = 0; i < count; i++) {
      const coins = builder.spendable().slice(0, 2)
      const outputs = [1, 2, 3].map((value) => ({
        value: BigInt(value) * 1_000_000n,
        scriptPubKey: testKey('payee').script,
      }))
      order.push(builder.mine({ extraNonce, transactions: [builder.spend(coins, outputs)] }))
    }
  }
  grow(a, 5, 0)
  grow(b, 9, 1)
  grow(a, 12, 0)
  grow(b, 21, 1)
  return { order, branches: [a.blocks, b.blocks] }
}

/** The digest of the coins after each block of a branch, by its hash. */
async function digestBranches(branches: readonly Block[][]): Promise<Map<string, string>> {
  const digests = new Map<string, string>()
  for (const blocks of branches) {
    const store = new MemoryChainStore()
    const chain = await ChainManager.open(spec, { ...modules, store })
    for (const block of blocks) {
      digests.set(formatHash(chain.tip.hash), digestCoins(store))
      await chain.acceptBlock(block)
    }
    digests.set(formatHash(chain.tip.hash), digestCoins(store))
  }
  return digests
}

/** The tip after each block of the order. */
async function listTips(order: readonly Block[]): Promise<string[]> {
  const chain = await ChainManager.open(spec, { ...modules, store: new MemoryChainStore() })
  const tips: string[] = []
  for (const block of order) {
    await chain.acceptBlock(block)
    tips.push(formatHash(chain.tip.hash))
  }
  return tips
}

function writeBlocks(file: string, blocks: readonly Block[]): void {
  const records = blocks.map(encodeBlock).flatMap((bytes) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    return [length, bytes]
  })
  writeFileSync(file, Buffer.concat(records))
}

test(`a process killed ${KILLS} times loses no acknowledged block and leaves tip, coins, undo data and indexes in step`, async () => {
  const directory = temporaryDirectory()
  const { order, branches } = createBranches()
  const [digests, tips] = await Promise.all([digestBranches(branches), listTips(order)])
  const file = join(directory, 'blocks')
  writeBlocks(file, order)
  let acknowledged = -1
  for (let kill = 0; kill < KILLS; kill++) {
    const writer = runProcess('connect-blocks.ts', [directory, file])
    // Primes, so that the kills spread over commits, flushes and reorganisations.
    for (let line = 0; line < 3 + ((kill * 7) % 23); line++) acknowledged = Number(await nextLine(writer))
    writer.child.kill('SIGKILL')
    for (let rest = await writer.lines.next(); rest.done !== true; rest = await writer.lines.next())
      acknowledged = Number(rest.value)
    expect(await writer.ended).toBe('SIGKILL')
    await expectConsistent(acknowledged)
  }
  expect(acknowledged).toBeGreaterThan(100)

  async function expectConsistent(last: number): Promise<void> {
    checkDataFile(join(directory, DATA_FILE), { pageBudget: Number.POSITIVE_INFINITY })
    const { chainStore, transactionIndex, filterIndex, close } = await openStore({
      directory,
      specId: spec.id,
    })
    const tip = formatHash(chainStore.readTip() ?? new Uint8Array(32))
    expect(digestCoins(chainStore)).toBe(digests.get(tip))
    const chain = await ChainManager.open(spec, { ...modules, store: chainStore })
    expect([tips[last], tips[last + 1]]).toContain(formatHash(chain.tip.hash))
    expect(digestCoins(chainStore)).toBe(digests.get(formatHash(chain.tip.hash)))
    for (let height = 0; height <= chain.tip.height; height++) {
      const hash = chainStore.readHashAt(height) ?? new Uint8Array()
      expect(hash).toEqual(chain.at(height)?.hash)
      expect(chainStore.readUndo({ hash, height })).toBeDefined()
    }
    expect(chainStore.readHashAt(chain.tip.height + 1)).toBeUndefined()
    const cursors = [transactionIndex.readCursor(), filterIndex.readCursor()]
    await close()
    await expectIndexes(cursors.map((cursor) => (cursor === undefined ? undefined : chain.find(cursor.hash))))
  }

  /** Each index holds what the branch up to its cursor does, and nothing else. */
  async function expectIndexes(cursors: readonly (BlockNode | undefined)[]): Promise<void> {
    const environment = new Environment(join(directory, DATA_FILE))
    for (const [index, table] of (['transactions', 'filters'] as const).entries()) {
      const cursor = cursors[index]
      const { transactions, filters } = modelIndexes(cursor === undefined ? [] : branchTo(cursor))
      const expected = table === 'transactions' ? transactions : filters
      expect([...environment.rows(table)]).toHaveLength(expected.size)
    }
    for (const [hash] of modelIndexes(cursors[0] === undefined ? [] : branchTo(cursors[0])).transactions)
      expect(environment.has('transactions', transactionKey(parseHash(hash)))).toBe(true)
    await environment.close()
  }

  function branchTo(cursor: BlockNode): Block[] {
    const branch = branches.find((blocks) => {
      const block = blocks[cursor.height - 1]
      return block === undefined ? cursor.height === 0 : equalBytes(blockHash(block.header), cursor.hash)
    })
    return [spec.consensus.genesis, ...(branch ?? []).slice(0, cursor.height)]
  }
}, 60_000)
