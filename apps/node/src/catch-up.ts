/**
 * Tells how far a chain is that connects stored blocks while it is opened, which takes as long as an import: the coins were
 * dropped for a reindex that was interrupted, or the process ended between storing blocks and connecting them.
 */
import type { BlockNode, ChainListener } from '@chain/core/chain'
import type { Height } from '@chain/core/units'

/** How far it is. */
export interface CatchUp {
  readonly height: Height
  /** Height of the highest stored block. */
  readonly of: Height
  readonly blocksPerSecond: number
}

/** Milliseconds. */
const times = {
  /** Until it is told for the first time: whatever takes less needs no reason. */
  first: 1_000,
  /** From then on. */
  interval: 10_000,
} as const

/** A listener that is to be registered while a chain is opened, and what ends it. */
export interface CatchUpWatch {
  readonly listener: ChainListener
  readonly end: () => void
}

/** @param now - milliseconds, never going back */
export function watchCatchUp(
  tell: (catchUp: CatchUp) => void,
  now: () => number = () => performance.now(),
): CatchUpWatch {
  const start = now()
  let next = start + times.first
  let first: Height | undefined
  let hasEnded = false
  const listener: ChainListener = (event) => {
    if (hasEnded || event.type !== 'block-connected') return
    const { height } = event.node
    first ??= height - 1
    const time = now()
    if (time < next) return
    next = time + times.interval
    const rate = ((height - first) * 1_000) / (time - start)
    tell({ height, of: highestStored(event.node), blocksPerSecond: Number(rate.toPrecision(3)) })
  }
  return {
    listener,
    end: () => {
      hasEnded = true
    },
  }
}

/** In one sentence. */
export function formatCatchUp({ height, of, blocksPerSecond }: CatchUp): string {
  return `Connecting blocks that are stored beyond the tip: height ${height} of ${of}, ${blocksPerSecond} blocks/s.`
}

/** Height of the highest block that builds on this one and whose body is here. */
function highestStored(start: BlockNode): Height {
  let highest = start.height
  const waiting = [start]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    highest = Math.max(highest, node.height)
    for (const child of node.children) if (child.hasBody) waiting.push(child)
  }
  return highest
}
