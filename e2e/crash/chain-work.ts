/** What a process that is to be killed does with the chain of a data directory, all at the same time. */
export interface ChainWork {
  readonly directory: string
  /** Block file whose blocks are handed in. */
  readonly blocks?: string
  /** Whether both indexes follow the chain. */
  readonly follow?: boolean
  /** Whether old blocks are pruned. */
  readonly prune?: boolean
}
