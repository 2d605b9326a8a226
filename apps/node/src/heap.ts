/**
 * How much memory the garbage collector may let pile up.
 *
 * V8 takes several times of what is alive before it looks for garbage, up to what the machine has: an import took 600 MB
 * that way, of which 50 MB were alive. A node shares its machine with others.
 *
 * Source: docs/decisions/0014-pipeline.md#memory
 */
import { setFlagsFromString } from 'node:v8'

/** Garbage is collected when the heap has grown by this part of what was alive. */
const GROWTH_PERCENT = 100

/** Bytes of which small buffers are cut. Each piece that lives on holds on to all of them: Node.js takes eight times as many. */
const POOL_BYTES = 8_192

/** Lets the heap of this thread grow to twice of what is alive, and the room for new objects stay as it is. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
  setFlagsFromString('--semi-space-growth-factor=1')
  Buffer.poolSize = POOL_BYTES
}
