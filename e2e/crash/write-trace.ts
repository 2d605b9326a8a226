/**
 * What a process writes to its data file, in order, with the calls that make it durable: seen through strace.
 *
 * Not for other files of the data directory, nor for other systems than Linux.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createReadStream, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DATA_FILE } from '@chain/storage'
import type { Launch } from './launches.ts'

/** Something that a process did. */
export type TraceEvent =
  /** It wrote to the data file; the disk has it when the call returns, or after the next `sync`. */
  | {
      readonly type: 'write'
      readonly offset: number
      readonly bytes: Buffer
      readonly isSynchronous: boolean
    }
  /** Everything that it wrote is on the disk. */
  | { readonly type: 'sync' }
  /** It said something on descriptor 3. */
  | { readonly type: 'line'; readonly text: string }

/** Whether processes can be traced here. */
export const canTrace: boolean =
  process.platform === 'linux' && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0

const calls = ['openat', 'lseek', 'write', 'pwrite64', 'writev', 'fdatasync', 'fsync']

/** Runs a process to its end and tells what it did. @throws {Error} when it does not end well */
export async function traceWrites(
  { words }: Launch,
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<TraceEvent[]> {
  const file = `${directory}.trace`
  // All bytes and all paths in hexadecimal digits.
  const options = ['-f', '-y', '-xx', '-s', '100000000', '-e', `trace=${calls.join()}`, '-o', file]
  const nowhere = openSync('/dev/null', 'w')
  const child = spawn('strace', [...options, process.execPath, '--conditions=@chain/source', ...words], {
    stdio: ['ignore', 'ignore', 'inherit', nowhere],
    env: { ...process.env, ...environment },
  })
  const [code] = (await once(child, 'close')) as [number | null]
  closeSync(nowhere)
  if (code !== 0) throw new Error(`The traced process ended with ${code}.`)
  const trace = new Trace(join(directory, DATA_FILE))
  for await (const line of createInterface({ input: createReadStream(file) })) trace.read(line)
  return trace.events
}

/** Reads lines of strace. */
class Trace {
  readonly events: TraceEvent[] = []
  readonly #file: string
  /** Descriptors whose writes are synchronous. */
  readonly #synchronous = new Set<string>()
  /** Where each descriptor stands in the file. */
  readonly #offsets = new Map<string, number>()
  /** Processes that are amid a `sync`. */
  readonly #syncing = new Set<string>()

  constructor(file: string) {
    this.#file = file
  }

  read(line: string): void {
    const [, thread = '', call = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const [, name = '', descriptor = '', path = ''] = /^(\w+)\((\d+)<([^>]*)>/.exec(call) ?? []
    if (/^<\.\.\. f(data)?sync resumed>/.test(call) && this.#syncing.delete(thread))
      this.events.push({ type: 'sync' })
    else if (name === 'write' && descriptor === '3')
      this.events.push({ type: 'line', text: String(bytesIn(call)) })
    else if (call.startsWith('openat(')) this.#open(call)
    else if (decode(path).toString() === this.#file) this.#take(thread, name, descriptor, call)
  }

  #open(call: string): void {
    const [, descriptor = '', path = ''] = /= (\d+)<([^>]*)>$/.exec(call) ?? []
    if (decode(path).toString() === this.#file && call.includes('O_DSYNC')) this.#synchronous.add(descriptor)
  }

  #take(thread: string, name: string, descriptor: string, call: string): void {
    if (name === 'lseek') this.#offsets.set(descriptor, Number(/= (\d+)$/.exec(call)?.[1]))
    else if (name === 'pwrite64') this.#write(descriptor, Number(/", \d+, (\d+)/.exec(call)?.[1]), call)
    else if (name === 'writev' || name === 'write') {
      const offset = this.#offsets.get(descriptor) ?? 0
      this.#offsets.set(descriptor, offset + this.#write(descriptor, offset, call))
    } else if (call.includes('<unfinished ...>')) this.#syncing.add(thread)
    else this.events.push({ type: 'sync' })
  }

  #write(descriptor: string, offset: number, call: string): number {
    const bytes = bytesIn(call)
    if (!Number.isInteger(offset))
      throw new Error(`A line of strace is not understood: ${call.slice(0, 100)}`)
    this.events.push({ type: 'write', offset, bytes, isSynchronous: this.#synchronous.has(descriptor) })
    return bytes.length
  }
}

/** The bytes of all strings in a call. */
function bytesIn(call: string): Buffer {
  return Buffer.concat(Array.from(call.matchAll(/"([^"]*)"/g), ([, digits = '']) => decode(digits)))
}

function decode(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll('\\x', ''), 'hex')
}
