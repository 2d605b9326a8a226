/**
 * What is killed: the operations of a node that write much, each by itself, and all of them on one data directory.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, blockHash, encodeBlock, formatHash } from '@chain/core/primitives'
import { DATA_FILE } from '@chain/storage'
import { FORK_HEIGHT } from './crash-chain.ts'
import { type CrashScene, type Template, writeBlockFile } from './crash-scene.ts'
import { chainLaunch, commandLaunch, importLaunch, type Launch, reindexLaunch } from './launches.ts'
import type { Ledger } from './ledger.ts'
import type { Random } from './random.ts'

/** A data directory that processes are killed on, one after the other. */
export interface Workplace {
  readonly scene: CrashScene
  readonly directory: string
  readonly random: Random
  readonly ledger: Ledger
}

/** A kind of work. */
export interface Operation {
  readonly name: string
  /** How many of a hundred kills it gets. */
  readonly share: number
  /** What its data directories begin as; empty ones if not given. */
  readonly template?: Template
  /** Makes a directory ready. */
  readonly prepare?: (place: Workplace) => void
  /** The next process to run. */
  readonly next: (place: Workplace) => Launch
}

/** All of them. */
export const operations: readonly Operation[] = [
  {
    name: 'import',
    share: 15,
    prepare: ({ scene, directory, random }) => {
      writeBlockFile(shuffledFile(directory), shuffleNearby(scene.truth.chain.order, random))
    },
    next: ({ directory, random }) => {
      const file = shuffledFile(directory)
      return random.below(2) === 0 ? importLaunch(directory, file) : commandLaunch(directory, 'import', file)
    },
  },
  {
    name: 'reorganisation',
    share: 22,
    template: 'fork',
    next: ({ scene: { blockFile: blocks }, directory }) => chainLaunch({ directory, blocks }),
  },
  {
    name: 'pruning',
    share: 11,
    template: 'indexed',
    next: ({ directory }) => chainLaunch({ directory, prune: true }),
  },
  {
    name: 'reindex',
    share: 15,
    template: 'indexed',
    prepare: (place) => {
      place.ledger.forgetIndexes()
      const kind = place.random.below(3)
      if (kind === 0) damageStart(place)
      if (kind === 1) damageBlock(place)
    },
    next: ({ directory }) => reindexLaunch(directory),
  },
  {
    name: 'reindex-coins',
    share: 11,
    template: 'indexed',
    next: ({ directory, ledger }) => {
      ledger.forgetIndexes()
      return commandLaunch(directory, 'reindex', '--coins-only')
    },
  },
  {
    name: 'indexing',
    share: 11,
    template: 'whole',
    next: ({ directory }) => chainLaunch({ directory, follow: true }),
  },
  { name: 'mixture', share: 15, template: 'fork', next: drawWork },
]

function drawWork({ scene, directory, random, ledger }: Workplace): Launch {
  const blocks = random.below(3) === 0 ? {} : { blocks: scene.blockFile }
  const kind = random.below(8)
  if (kind < 4) {
    if ('blocks' in blocks) ledger.forgetIndexes()
    return chainLaunch({ directory, ...blocks, follow: true, prune: kind === 0 })
  }
  // Nothing can be made anew of blocks that are gone.
  if (kind < 6 || ledger.prunedHeight > 0) return importLaunch(directory, scene.blockFile)
  ledger.forgetIndexes()
  return kind === 6 ? reindexLaunch(directory) : commandLaunch(directory, 'reindex', '--coins-only')
}

/** The blocks in an order in which some come before their parents. */
function shuffleNearby<Value>(values: readonly Value[], random: Random): Value[] {
  const size = 1 + random.below(20)
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    random.shuffle(values.slice(index * size, (index + 1) * size)),
  ).flat()
}

function shuffledFile(directory: string): string {
  return `${directory}.blk`
}

/** Makes a data file that LMDB cannot open, and that has all its blocks. */
function damageStart({ directory, ledger }: Workplace): void {
  const file = join(directory, DATA_FILE)
  writeFileSync(file, readFileSync(file).fill(0, 0, 2 * 4_096))
  ledger.isUnreadable = true
}

/** Spoils a block amid the lesser branch: a reindex leaves out those above it, and keeps the old file. */
function damageBlock({ scene, directory, random, ledger }: Workplace): void {
  const [branch] = scene.truth.chain.branches as [readonly Block[]]
  const height = FORK_HEIGHT + 1 + random.below(branch.length - FORK_HEIGHT - 2)
  const file = join(directory, DATA_FILE)
  const bytes = readFileSync(file)
  const body = encodeBlock(branch[height] as Block)
  for (let at = bytes.indexOf(body); at >= 0; at = bytes.indexOf(body, at)) bytes.writeUInt8(0xff, at)
  writeFileSync(file, bytes)
  ledger.giveUp(branch.slice(height).map(({ header }) => formatHash(blockHash(header))))
}
