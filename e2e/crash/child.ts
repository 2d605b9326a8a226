/**
 * A process that works on a data directory, and is killed while it does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { DATA_FILE } from '@chain/storage'
import type { Launch } from './launches.ts'
import type { Life, Moment, Sign } from './moment.ts'

/** The file that says who has the directory. */
const OWNER_FILE = 'lock.pid'

/** How a process ended. */
export interface ChildEnd {
  /** `undefined` when it was killed. */
  readonly code: number | undefined
  /** The whole lines that it wrote to descriptor 3. */
  readonly lines: readonly string[]
  readonly errors: string
  readonly life: Life
  /** Whether it had the data directory when it ended. */
  readonly wasOpen: boolean
}

/** Counts the signs of a process and kills it at its moment. */
class Watcher {
  readonly #child: ChildProcess
  readonly #moment: Moment | undefined
  readonly signs: Map<Sign, number> = new Map()
  /** Milliseconds from the start of the process to the first look at its lock, and to the last. */
  locked: number | undefined
  released = 0
  readonly #started = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(child: ChildProcess, moment: Moment | undefined) {
    this.#child = child
    this.#moment = moment
  }

  see(sign: Sign): void {
    const count = (this.signs.get(sign) ?? 0) + 1
    this.signs.set(sign, count)
    if (this.#moment?.after !== sign || this.#moment.count !== count) return
    const { delay } = this.#moment
    if (delay === 0) this.#kill()
    else this.#timer = setTimeout(() => this.#kill(), delay)
  }

  seeFile(event: string, name: string): void {
    if (name === OWNER_FILE) {
      this.released = performance.now() - this.#started
      this.locked ??= this.released
      if (this.locked === this.released) this.see('lock')
    } else if (name.startsWith(DATA_FILE) && !name.endsWith('-lock')) {
      this.see(event === 'rename' ? 'rename' : 'write')
    }
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #kill(): void {
    this.#child.kill('SIGKILL')
  }
}

/** Runs a process on a data directory, which exists, and kills it at a moment, if it lives that long. */
export async function runChild(
  { words }: Launch,
  directory: string,
  environment: NodeJS.ProcessEnv,
  moment?: Moment,
): Promise<ChildEnd> {
  const child = spawn(process.execPath, ['--conditions=@chain/source', ...words], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const watcher = new Watcher(child, moment)
  const files = watch(directory, (event, name) => watcher.seeFile(event, name ?? ''))
  const output = { lines: '', errors: '' }
  const acknowledgements = child.stdio[3] as Readable
  acknowledgements.setEncoding('utf8').on('data', (text: string) => {
    output.lines += text
    for (const _ of text.matchAll(/\n/g)) watcher.see('line')
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.errors += text
  })
  watcher.see('start')
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    if (signal !== null && signal !== 'SIGKILL')
      throw new Error(`The process ended by ${signal}. ${output.errors}`)
    const { locked = 0, released, signs } = watcher
    return {
      code: code ?? undefined,
      lines: output.lines.split('\n').slice(0, -1),
      errors: output.errors,
      life: { startUp: locked, open: released - locked, signs },
      wasOpen: watcher.locked !== undefined && existsSync(join(directory, OWNER_FILE)),
    }
  } finally {
    watcher.end()
    files.close()
    child.kill('SIGKILL')
  }
}
