/**
 * Works on the chain of a data directory as a node does, and says on descriptor 3 what is durable, a line each, as soon as it
 * may be relied on:
 *
 *     connected <hash>           a block was handed in and is part of the active chain, or was when it was stored
 *     kept <hash>                a block was handed in and is stored
 *     pruned <height>            no body is left up to this height
 *     indexed <height> <index>   the index holds all blocks up to this height
 *     report <sentence>          something was repaired, which is never expected
 *
 * Ends by itself when all of it is done. Argument: a {@link ChainWork} as JSON.
 */
import { readFileSync, writeSync } from 'node:fs'
import { type BlockOutcome, ChainManager, MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { decodeBlock, formatHash } from '@chain/core/primitives'
import { type DataStore, followIndex, openStore } from '@chain/storage'
import { createVerifier } from '@chain/verifier'
import type { ChainWork } from '../chain-work.ts'

/** A pipe of its own: on the standard output, writing may fail where the reader is slow. */
const ACKNOWLEDGEMENTS = 3
/** Magic and length before each block. */
const PREFIX_LENGTH = 8
/** So few that catching up takes many transactions. */
const GROUP_ROWS = 20
/** Heights by which one call prunes further. */
const PRUNE_STEP = 2

const work = JSON.parse(process.argv[2] as string) as ChainWork
const spec = loadNetwork('regtest')
const store = await openStore({
  directory: work.directory,
  specId: spec.id,
  report: (sentence) => say(`report ${sentence}`),
})
const verifier = createVerifier({ threads: 0 })
const clock = (): number => Math.floor(Date.now() / 1_000)
const chain = await ChainManager.open(spec, { store: store.chainStore, verifier, clock })
const accepted = work.blocks === undefined ? Promise.resolve() : acceptAll(work.blocks)
const tasks: Promise<void>[] = [accepted]
if (work.follow === true) tasks.push(follow(store))
if (work.prune === true) tasks.push(prune(store))
await Promise.all(tasks)
await chain.settled()
await store.close()
await verifier.close()

/** At once, so that the line is out before the process can be killed any more. */
function say(line: string): void {
  writeSync(ACKNOWLEDGEMENTS, `${line}\n`)
}

/** Hands in all blocks of a file without waiting for any. */
async function acceptAll(file: string): Promise<void> {
  const bytes = readFileSync(file)
  const outcomes: Promise<void>[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const end = offset + PREFIX_LENGTH + bytes.readUInt32LE(offset + 4)
    outcomes.push(chain.acceptBlock(decodeBlock(bytes.subarray(offset + PREFIX_LENGTH, end))).then(tell))
    offset = end
  }
  await Promise.all(outcomes)
}

function tell(outcome: BlockOutcome): void {
  if (outcome.status === 'missing-parent' || outcome.status === 'invalid') throw new Error(outcome.status)
  if (outcome.status === 'duplicate') return
  say(`${outcome.status === 'connected' ? 'connected' : 'kept'} ${formatHash(outcome.node.hash)}`)
}

/** Lets both indexes follow until all blocks were handed in, and they have come to the tip. */
async function follow({ transactionIndex, filterIndex }: DataStore): Promise<void> {
  const stop = new AbortController()
  let progress = Promise.withResolvers<void>()
  const followings = [transactionIndex, filterIndex].map((index) => {
    const onProgress = (height: number): void => {
      // A chain that moves takes its indexes back, too.
      if (work.blocks === undefined) say(`indexed ${height} ${index.title}`)
      progress.resolve()
    }
    return followIndex(index, chain, { signal: stop.signal, groupRows: GROUP_ROWS, onProgress })
  })
  const done = Promise.all(followings.map((following) => following.done))
  await accepted
  while (!followings.every(({ isSynced }) => isSynced)) {
    await Promise.race([progress.promise, done])
    progress = Promise.withResolvers()
  }
  stop.abort()
  await done
}

/** Prunes a little at a time, but nothing that an index still needs, until all blocks were handed in. */
async function prune({ transactionIndex, filterIndex }: DataStore): Promise<void> {
  const end = (): number =>
    Math.min(
      chain.tip.height - MIN_KEPT_BLOCKS,
      transactionIndex.readCursor()?.height ?? 0,
      filterIndex.readCursor()?.height ?? 0,
    )
  let isAccepted = false
  void accepted.then(() => {
    isAccepted = true
  })
  for (let height = PRUNE_STEP; !isAccepted || height <= end(); ) {
    if (height <= end()) {
      await chain.prune(height)
      say(`pruned ${height}`)
      height += PRUNE_STEP
    } else {
      await accepted
    }
  }
}
