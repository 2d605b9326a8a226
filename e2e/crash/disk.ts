/**
 * A disk whose power may fail: what was written since the last sync is there or not, in any order, and in part.
 */
import type { Random } from './random.ts'
import type { TraceEvent } from './write-trace.ts'

/** What a disk writes at once or not at all, in bytes. */
const SECTOR = 512

type Write = Extract<TraceEvent, { type: 'write' }>

/** The data file on such a disk. */
export class Disk {
  #durable: Buffer
  #pending: Write[] = []

  constructor(bytes: Buffer) {
    this.#durable = bytes
  }

  /** Does what the process did. */
  apply(event: TraceEvent): void {
    if (event.type === 'line') return
    if (event.type === 'write' && !event.isSynchronous) this.#pending.push(event)
    else if (event.type === 'write') this.#durable = put(this.#durable, event.offset, event.bytes)
    else {
      for (const { offset, bytes } of this.#pending.splice(0))
        this.#durable = put(this.#durable, offset, bytes)
    }
  }

  /** The data file when the power fails now. */
  cut(random: Random): Buffer {
    const share = random.fraction()
    let file: Buffer = Buffer.from(this.#durable)
    for (const { offset, bytes } of random.shuffle(this.#pending)) {
      const isTorn = random.below(3) === 0
      const length = isTorn ? SECTOR : bytes.length
      for (let at = 0; at < bytes.length; at += length)
        if (random.fraction() < share) file = put(file, offset + at, bytes.subarray(at, at + length))
    }
    return file
  }
}

/** Writes into a file, which grows where it has to. */
function put(file: Buffer, offset: number, bytes: Buffer): Buffer {
  const missing = offset + bytes.length - file.length
  const longer = missing > 0 ? Buffer.concat([file, Buffer.alloc(missing)]) : file
  bytes.copy(longer, offset)
  return longer
}
