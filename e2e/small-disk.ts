/**
 * A disk of a few kilobytes: a file system in memory that only one shell and what it starts can see, and that is gone with
 * them. Needs Linux, and the right to mount: root's, or that of every user where user namespaces are allowed.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { quoteWord } from '@chain/cli'

/** How a command ended. */
export interface DiskExit {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What it wrote to descriptor 3. */
  readonly acknowledged: string
}

const unshare = ['unshare', process.getuid?.() === 0 ? '--mount' : '--map-root-user', '--mount']
const main = join(import.meta.dirname, '../apps/node/src/main.ts')

/** Whether this machine lets us have one. */
export const isSmallDiskPossible: boolean =
  process.platform === 'linux' &&
  spawnSync(unshare[0] as string, [...unshare.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

/** A small disk. */
export class SmallDisk {
  /** Where it is, for commands that run on it. */
  readonly path: string
  readonly #outputs: string
  readonly #shell: ChildProcessWithoutNullStreams
  readonly #codes: AsyncIterator<string>

  private constructor(folder: string) {
    this.path = join(folder, 'disk')
    this.#outputs = join(folder, 'outputs')
    for (const directory of [this.path, this.#outputs]) mkdirSync(directory)
    this.#shell = spawn(unshare[0] as string, [...unshare.slice(1), 'bash'])
    this.#codes = createInterface({ input: this.#shell.stdout })[Symbol.asyncIterator]()
  }

  /** @param folder - an empty one */
  static async mount(folder: string, kibibytes: number): Promise<SmallDisk> {
    const disk = new SmallDisk(folder)
    await disk.expect('mount', '-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', disk.path)
    return disk
  }

  /** Runs a command on the disk. */
  async run(...words: readonly string[]): Promise<DiskExit> {
    const file = (descriptor: number): string => join(this.#outputs, String(descriptor))
    const outputs = [1, 2, 3].map((descriptor) => `${descriptor}> ${quoteWord(file(descriptor))}`)
    this.#shell.stdin.write(`${[...words.map(quoteWord), ...outputs].join(' ')} < /dev/null; echo $?\n`)
    const { value, done } = await this.#codes.next()
    if (done === true) throw new Error('The shell of the small disk has ended.')
    const read = (descriptor: number): string => readFileSync(file(descriptor), 'utf8')
    return { code: Number(value), stdout: read(1), stderr: read(2), acknowledged: read(3) }
  }

  /** Runs a command that must succeed; returns what it prints. */
  async expect(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...words)
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`)
    return stdout.trim()
  }

  /** Runs `chain-node` on a data directory of the disk. */
  chainNode(name: string, ...words: readonly string[]): Promise<DiskExit> {
    const options = ['--network', 'regtest', '--datadir', join(this.path, name)]
    return this.run(process.execPath, '--conditions=@chain/source', main, ...words, ...options)
  }

  /** Makes the disk so large that so much is free. */
  async leave(kibibytes: number): Promise<void> {
    const used = (await this.expect('df', '--output=used', this.path)).split('\n').at(-1)
    await this.expect('mount', '-o', `remount,size=${Number(used) + kibibytes}k`, this.path)
  }

  /** Takes the disk away with everything on it. */
  close(): void {
    this.#shell.stdin.end()
  }
}
