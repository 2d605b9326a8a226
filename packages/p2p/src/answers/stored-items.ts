/**
 * What the store of this node has of blocks, for those who ask: a damaged item is as good as missing for them.
 *
 * Nothing is hashed again: the store seals each item with a CRC-32 of it and of the height and hash it stands under, and
 * does not return one that fails it.
 */
import type { BlockNode } from '@chain/core/chain'
import { OperationalError } from '@chain/core/errors'
import { formatHash } from '@chain/core/primitives'
import type { LogPort } from '../ports.ts'

/** Items of one kind, by block. */
export class StoredItems<Item> {
  readonly #read: (node: BlockNode) => Item | undefined
  readonly #kind: string
  readonly #log: LogPort
  /** Blocks whose damage the log has been told of, so that those who ask do not fill it. */
  readonly #damaged = new WeakSet<BlockNode>()

  /** @param kind - what an item is called at the beginning of a sentence, such as `A block` */
  constructor(kind: string, read: (node: BlockNode) => Item | undefined, log: LogPort) {
    this.#kind = kind
    this.#read = read
    this.#log = log
  }

  /** The item of a block, or `undefined` when it is not there or damaged. */
  find(node: BlockNode): Item | undefined {
    try {
      return this.#read(node)
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error
      this.#report(node, error)
      return undefined
    }
  }

  #report(node: BlockNode, error: OperationalError): void {
    if (this.#damaged.has(node)) return
    this.#damaged.add(node)
    const data = { hash: formatHash(node.hash), height: node.height, error }
    this.#log.warn(
      data,
      `${this.#kind} cannot be read, and peers who ask for it are told that it is not here`,
    )
  }
}
