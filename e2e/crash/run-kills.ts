/**
 * Kills processes that work on data directories, and judges what they leave.
 *
 * The same seed draws the same work and the same moments; where in its work a process is at such a moment, no seed says.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes } from '@chain/cli'
import { DATA_FILE } from '@chain/storage'
import { createVerifier } from '@chain/verifier'
import { reindexBlocks } from '../../apps/node/src/reindex.ts'
import { checkDirectory, type Finding } from './check-directory.ts'
import type { ChildEnd } from './child.ts'
import { spec } from './crash-chain.ts'
import type { CrashScene } from './crash-scene.ts'
import { commandLaunch, type Launch } from './launches.ts'
import { Ledger } from './ledger.ts'
import { drawMoment, formatMoment } from './moment.ts'
import type { Operation, Workplace } from './operations.ts'
import { Random } from './random.ts'

/** What became of an operation. */
export interface KillReport {
  readonly name: string
  readonly kills: number
  /** Kills while the process had the data directory. */
  open: number
  /** Kills that left a chain amid a reorganisation, or amid connecting its blocks anew. */
  midway: number
  /** Kills that left an index behind the tip. */
  behind: number
  /** Kills that left a new data file beside the old one. */
  besides: number
  /** Processes that were done before the moment came. */
  done: number
}

/** One directory out of so many is left after a kill for a new one. */
const FRESH_START = 4
/** One kill out of so many is judged by `chain-node verify` as well. */
const COMMAND_EVERY = 10
/** So many times as many processes as kills may be done before their moment comes. */
const MAX_ATTEMPTS = 6

/**
 * Runs an operation until so many of its processes were killed.
 *
 * @param onKill - called after each kill that was judged
 * @throws {Error} what does not hold, and how to repeat it; the data directory is left then
 */
export async function runKills(
  operation: Operation,
  scene: CrashScene,
  seed: number,
  kills: number,
  onKill: () => void = () => undefined,
): Promise<KillReport> {
  const run = new KillRun(operation, scene, seed, kills)
  try {
    for (let attempt = 0; run.kills < kills; attempt++) {
      assert(attempt < 20 + kills * MAX_ATTEMPTS, 'Nearly all processes are done before their moment comes')
      if (await run.attempt()) onKill()
    }
    run.leave()
    return run.report
  } catch (error) {
    throw run.explain(error)
  }
}

class KillRun {
  readonly #operation: Operation
  readonly #scene: CrashScene
  readonly #random: Random
  readonly #moments: Random
  readonly #seed: number
  readonly #wanted: number
  #place: Workplace | undefined
  /** Of the process that ran last, for messages. */
  #last = 'before the first process'
  kills = 0
  readonly #counts = { open: 0, midway: 0, behind: 0, besides: 0, done: 0 }

  constructor(operation: Operation, scene: CrashScene, seed: number, wanted: number) {
    this.#operation = operation
    this.#scene = scene
    this.#seed = seed
    this.#wanted = wanted
    this.#random = new Random(seed, operation.name)
    this.#moments = new Random(seed, `moments of ${operation.name}`)
  }

  get report(): KillReport {
    return { name: this.#operation.name, kills: this.kills, ...this.#counts }
  }

  /** Runs one process; `false` when it was done before its moment came. */
  async attempt(): Promise<boolean> {
    this.#place ??= this.#createPlace()
    const place = this.#place
    const { directory, ledger } = place
    const launch = this.#operation.next(place)
    const life = this.#scene.lives.get(launch.label)
    const moment = life === undefined ? undefined : drawMoment(this.#moments, life)
    this.#last = `${launch.label}, ${moment === undefined ? 'not killed' : formatMoment(moment)}`
    const before = identify(directory)
    const end = await this.#scene.run(launch, directory, moment)
    ledger.note(end.lines)
    const after = identify(directory)
    if (after.inode !== before.inode) ledger.isUnreadable = false
    else if (launch.isApart === true)
      assert.equal(
        after.digest,
        before.digest,
        'The old data file stays as it is until the new one is complete',
      )
    if (end.code !== undefined) this.#noteDone(launch, end, ledger)
    const finding = await this.#judge(place)
    if (end.code === undefined) await this.#noteKill(end, finding, place)
    const isOver = end.code !== undefined || (launch.isApart === true && after.inode !== before.inode)
    if (this.#random.below(FRESH_START) === 0 || isOver) this.leave()
    return end.code === undefined
  }

  #createPlace(): Workplace {
    const { template, name, prepare } = this.#operation
    const scene = this.#scene
    const directory = scene.createDirectory(`${name}-${this.#seed}`, template)
    const ledger = new Ledger(scene.truth.chain, scene.blocksOf(template))
    const place = { scene, directory, random: this.#random, ledger }
    prepare?.(place)
    return place
  }

  /** Removes the directory. */
  leave(): void {
    if (this.#place !== undefined) rmSync(this.#place.directory, { recursive: true, force: true })
    this.#place = undefined
  }

  #noteDone({ label }: Launch, { code, errors, life }: ChildEnd, { hasLosses }: Ledger): void {
    assert.equal(
      code,
      hasLosses ? exitCodes.refused : exitCodes.done,
      `The process was not killed and does what it should. ${errors}`,
    )
    this.#scene.lives.set(label, life)
    this.#counts.done += 1
  }

  /** Judges a copy, so that the next process finds what the kill has left. */
  async #judge({ directory, ledger }: Workplace): Promise<Finding> {
    const copy = `${directory}-judged`
    rmSync(copy, { recursive: true, force: true })
    cpSync(directory, copy, { recursive: true })
    if (ledger.isUnreadable) await reindex(copy)
    const finding = await checkDirectory(copy, this.#scene.truth, ledger)
    rmSync(copy, { recursive: true })
    return finding
  }

  async #noteKill({ wasOpen }: ChildEnd, finding: Finding, { directory, ledger }: Workplace): Promise<void> {
    this.kills += 1
    if (wasOpen) this.#counts.open += 1
    if (finding.isMidway) this.#counts.midway += 1
    if (finding.isIndexBehind) this.#counts.behind += 1
    if (existsSync(join(directory, `${DATA_FILE}.reindex`))) this.#counts.besides += 1
    const isLast = this.kills === this.#wanted
    const isTold = ledger.tip !== undefined && !ledger.isUnreadable
    if (isTold && (isLast || this.kills % COMMAND_EVERY === 0)) await this.#verifyByCommand(directory)
  }

  async #verifyByCommand(directory: string): Promise<void> {
    const words = ['--level', '4', '--depth', '0']
    const { code, errors } = await this.#scene.run(commandLaunch(directory, 'verify', ...words), directory)
    assert.equal(code, 0, `chain-node verify is content. ${errors}`)
  }

  /** The error with everything that it takes to look for its reason. */
  explain(error: unknown): Error {
    const { name } = this.#operation
    const place = this.#place === undefined ? '' : `\nWhat was left: ${this.#place.directory}`
    const repeat = `npm run crash -- --seed ${this.#seed} --only ${name} --kills ${this.kills + 1}`
    const message = `${name}, after ${this.kills} kills, ${this.#last}: ${(error as Error).message}`
    return new Error(`${message}${place}\nTo repeat: ${repeat}`, { cause: error })
  }
}

interface FileIdentity {
  readonly inode: number | undefined
  readonly digest: string
}

function identify(directory: string): FileIdentity {
  const file = join(directory, DATA_FILE)
  if (!existsSync(file)) return { inode: undefined, digest: '' }
  return {
    inode: statSync(file).ino,
    digest: createHash('sha256').update(readFileSync(file)).digest('hex'),
  }
}

/** Makes a data file anew, in this process. */
async function reindex(dataDir: string): Promise<void> {
  const verifier = createVerifier({ threads: 0 })
  const nothing = (): void => undefined
  await reindexBlocks({ spec, dataDir, verifier, report: nothing, onProgress: nothing })
  await verifier.close()
}
