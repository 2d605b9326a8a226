/**
 * The processes that are run on data directories.
 */
import { join } from 'node:path'
import type { ChainWork } from './chain-work.ts'
import { spec } from './crash-chain.ts'

/** What to run. */
export interface Launch {
  /** The same for processes whose lives are alike. */
  readonly label: string
  /** Path of the program, and its arguments. */
  readonly words: readonly string[]
  /** Whether the data file stays as it is until another one takes its place. */
  readonly isApart?: boolean
}

const main = join(import.meta.dirname, '../../apps/node/src/main.ts')
const processes = join(import.meta.dirname, 'processes')

/** A process that works on the chain as a node does. */
export function chainLaunch(work: ChainWork): Launch {
  const parts = [
    work.blocks === undefined ? '' : 'accept',
    work.follow === true ? 'follow' : '',
    work.prune === true ? 'prune' : '',
  ]
  return {
    label: parts.filter((part) => part !== '').join(' and '),
    words: [join(processes, 'run-chain.ts'), JSON.stringify(work)],
  }
}

/** An import that says which blocks are durable. */
export function importLaunch(directory: string, file: string): Launch {
  return { label: 'import', words: [join(processes, 'import-blocks.ts'), directory, file] }
}

/** `chain-node reindex`. */
export function reindexLaunch(directory: string): Launch {
  return { ...commandLaunch(directory, 'reindex'), isApart: true }
}

/** A command of `chain-node`. */
export function commandLaunch(directory: string, command: string, ...words: readonly string[]): Launch {
  const options = ['--network', spec.name, '--datadir', directory]
  const label = [command, ...words.filter((word) => word.startsWith('--'))].join(' ')
  return { label: `chain-node ${label}`, words: [main, command, ...words, ...options] }
}
