/**
 * What all operations of the crash harness share: block files, data directories to begin with, and the truth about them.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes } from '@chain/core/bytes'
import { type Block, blockHash, encodeBlock, formatHash } from '@chain/core/primitives'
import { encodePrefix } from '../../apps/node/src/block-file/block-file.ts'
import type { Truth } from './check-directory.ts'
import { type ChildEnd, runChild } from './child.ts'
import { type CrashChain, createCrashChain, FORK_HEIGHT, spec } from './crash-chain.ts'
import { readIndexRows } from './index-rows.ts'
import { chainLaunch, type Launch } from './launches.ts'
import type { Life, Moment } from './moment.ts'
import { type TraceEvent, traceWrites } from './write-trace.ts'

/** A data directory to begin with: up to the fork; with both branches; with both branches and both indexes. */
export type Template = 'fork' | 'whole' | 'indexed'

/** A folder of its own, and what is in it. */
export class CrashScene {
  readonly root: string
  readonly truth: Truth
  /** How processes live that are not killed, by their labels. */
  readonly lives: Map<string, Life> = new Map()

  private constructor(root: string, truth: Truth) {
    this.root = root
    this.truth = truth
  }

  /** Builds blocks and directories, which takes a few seconds. */
  static async create(): Promise<CrashScene> {
    const root = mkdtempSync(join(tmpdir(), 'chain-crash-'))
    mkdirSync(cacheOf(root))
    const chain = await createCrashChain()
    return new CrashScene(root, { chain, indexRows: await fillTemplates(root, chain) })
  }

  /** All blocks in a block file, parents first. */
  get blockFile(): string {
    return join(this.root, 'whole.blk')
  }

  /** Makes a data directory, empty or as a template is. */
  createDirectory(name: string, template?: Template): string {
    const directory = join(this.root, name)
    rmSync(directory, { recursive: true, force: true })
    if (template === undefined) makeDirectory(directory)
    else cpSync(join(this.root, template), directory, { recursive: true })
    return directory
  }

  /** The hashes of the blocks that a directory begins with. */
  blocksOf(template?: Template): string[] {
    if (template === undefined) return []
    const { order } = this.truth.chain
    const blocks = template === 'fork' ? order.slice(0, FORK_HEIGHT) : order
    return blocks.map(({ header }) => formatHash(blockHash(header)))
  }

  /** Runs a process on a data directory, and kills it at a moment. */
  run(launch: Launch, directory: string, moment?: Moment): Promise<ChildEnd> {
    return runChild(launch, directory, environmentOf(this.root), moment)
  }

  /** Runs a process on a data directory to its end, and tells what it wrote to the data file. */
  trace(launch: Launch, directory: string): Promise<TraceEvent[]> {
    return traceWrites(launch, directory, environmentOf(this.root))
  }

  /** Removes everything. */
  close(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Makes the directories to begin with; returns the rows of a fresh index of each branch. */
async function fillTemplates(root: string, chain: CrashChain): Promise<Truth['indexRows']> {
  const [shorter] = chain.branches as [readonly Block[]]
  await fill(root, 'fork', chain.order.slice(0, FORK_HEIGHT))
  await fill(root, 'whole', chain.order)
  cpSync(join(root, 'whole'), join(root, 'indexed'), { recursive: true })
  await fill(root, 'shorter', shorter.slice(1))
  const rows: Truth['indexRows'][number][] = []
  for (const name of ['shorter', 'indexed']) {
    const directory = join(root, name)
    await runToEnd(root, chainLaunch({ directory, follow: true }), directory)
    rows.push(await readIndexRows(directory))
  }
  return rows
}

/** Makes a data directory with blocks, and a block file beside it. */
async function fill(root: string, name: string, blocks: readonly Block[]): Promise<void> {
  const directory = join(root, name)
  makeDirectory(directory)
  writeBlockFile(`${directory}.blk`, blocks)
  await runToEnd(root, chainLaunch({ directory, blocks: `${directory}.blk` }), directory)
}

async function runToEnd(root: string, launch: Launch, directory: string): Promise<void> {
  const { code, errors } = await runChild(launch, directory, environmentOf(root))
  if (code !== 0) throw new Error(`The directory ${directory} could not be filled. ${errors}`)
}

function makeDirectory(directory: string): void {
  mkdirSync(directory, { mode: 0o700 })
}

/** Writes blocks into a block file. */
export function writeBlockFile(path: string, blocks: readonly Block[]): void {
  const records = blocks.map(encodeBlock).flatMap((bytes) => [encodePrefix(spec.magic, bytes.length), bytes])
  writeFileSync(path, concatBytes(...records))
}

function cacheOf(root: string): string {
  return join(root, 'cache')
}

/** Processes start thrice as fast with a cache of compiled code, and leave the user's own alone. */
function environmentOf(root: string): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: cacheOf(root), XDG_CACHE_HOME: cacheOf(root) }
}
