/**
 * What works on the chain of a node beside peers and miners: indexes and pruning, as its configuration says.
 */
import type { ChainError } from '@chain/core/errors'
import type { NodeConfig } from './config.ts'
import { Indexes } from './indexes.ts'
import type { Logger } from './logger.ts'
import type { OpenChain } from './open-chain.ts'
import { logPrunedForks } from './pruned-fork-log.ts'
import { Pruner } from './pruner.ts'

/** The indexes and the pruner of a node. */
export interface ChainFeatures {
  readonly indexes: Indexes
  /** `undefined` when nothing is pruned. */
  readonly pruner: Pruner | undefined
  /** Ends them. */
  close(): Promise<void>
}

/** What they are made from. */
export interface FeatureParts {
  readonly config: Pick<NodeConfig, 'indexes' | 'prune'>
  readonly open: Pick<OpenChain, 'chain' | 'store'>
  readonly log: Logger
  /** Told why one of them cannot go on. */
  readonly onFailed: (reason: ChainError) => void
}

/**
 * Begins to follow the chain.
 *
 * @throws {OperationalError} `index-needs-pruned-blocks`, `store-*`
 */
export function startFeatures({ config, open, log, onFailed }: FeatureParts): ChainFeatures {
  const { chain, store } = open
  let pruner: Pruner | undefined
  const onProgress = (): void => pruner?.look()
  const indexes = new Indexes(config.indexes, { store, chain, log, onProgress, onFailed })
  if (config.prune !== undefined) {
    pruner = new Pruner(config.prune, {
      chain,
      usedBytes: () => store.chainStore.blockBytes,
      freeUpTo: () => indexes.freeUpTo(),
      log,
      onFailed,
    })
  }
  const unwatch = logPrunedForks(chain, log)
  const close = async (): Promise<void> => {
    unwatch()
    await pruner?.close()
    await indexes.close()
  }
  return { indexes, pruner, close }
}
