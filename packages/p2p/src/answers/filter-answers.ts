/**
 * What light clients are told about filters: filter headers and filters of ranges of the active chain, one filter in memory
 * at a time.
 *
 * The range is fixed when the request comes: when a reorganisation takes blocks of it away meanwhile, the answer ends with
 * `not-found`. Not for how the answer travels (`protocols/filters.ts`).
 *
 * Source: docs/protocol/light-clients.md#filters
 */
import type { BlockNode } from '@chain/core/chain'
import { computeFilterHash } from '@chain/core/filters'
import { ZERO_HASH } from '@chain/core/primitives'
import { type FilterReply, type FilterRequest, fieldLimits } from '@chain/wire'
import { PeerError } from '../errors.ts'
import type { BlockFilter, ChainPort, FilterPort, LogPort } from '../ports.ts'
import { passTurn } from '../turn.ts'
import type { AnswerPace } from './answer-pace.ts'
import { StoredItems } from './stored-items.ts'

/** What the answers are made from. */
export interface FilterAnswerModules {
  readonly chain: Pick<ChainPort, 'find' | 'isActive'>
  readonly filters: FilterPort
  readonly pace: AnswerPace
  readonly log: LogPort
}

/** Most blocks of a range. */
const mostBlocks = { headers: fieldLimits.filterHeaders, filters: fieldLimits.filters } as const

/** Answers requests for filters, for each peer at its pace. */
export class FilterAnswers {
  readonly #modules: FilterAnswerModules
  readonly #stored: StoredItems<BlockFilter>

  constructor(modules: FilterAnswerModules) {
    this.#modules = modules
    this.#stored = new StoredItems('A filter', (node) => modules.filters.find(node), modules.log)
  }

  /**
   * The frames of the answer.
   *
   * @param peer - its peer id as text
   * @throws {PeerError} `request-invalid`, while iterating
   */
  async *answer(request: FilterRequest, peer: string): AsyncGenerator<FilterReply, void, void> {
    const stop = this.#modules.chain.find(request.stop)
    if (stop === undefined || !this.#modules.chain.isActive(stop)) {
      yield { kind: 'not-found', hash: request.stop }
      return
    }
    checkRange(request, stop)
    if (request.kind === 'headers') yield await this.#headers(request.startHeight, stop, peer)
    else yield* this.#filters(request.startHeight, stop, peer)
  }

  async #headers(start: number, stop: BlockNode, peer: string): Promise<FilterReply> {
    const previous = start === 0 ? ZERO_HASH : (await this.#read(stop.ancestor(start - 1), peer))?.header
    if (previous === undefined) return this.#missing(stop)
    const hashes: Uint8Array[] = []
    for (let height = start; height <= stop.height; height++) {
      const found = await this.#read(stop.ancestor(height), peer)
      if (found === undefined) return this.#missing(stop)
      hashes.push(computeFilterHash(found.filter))
      await passTurn()
    }
    return { kind: 'headers', previous, hashes }
  }

  async *#filters(start: number, stop: BlockNode, peer: string): AsyncGenerator<FilterReply, void, void> {
    for (let height = start; height <= stop.height; height++) {
      const node = stop.ancestor(height)
      const found = await this.#read(node, peer)
      if (found === undefined) {
        yield this.#missing(stop)
        return
      }
      yield { kind: 'filter', block: node.hash, filter: found.filter }
      await passTurn()
    }
  }

  /** The filter of a block, when the peer may have it read. */
  async #read(node: BlockNode, peer: string): Promise<BlockFilter | undefined> {
    const { pace } = this.#modules
    await pace.wait(peer, 'filter')
    await pace.wait(peer, 'light-byte', 0)
    const found = this.#stored.find(node)
    pace.charge(peer, 'light-byte', found?.filter.length ?? 0)
    return found
  }

  /** Why there is no filter: the chain has moved away from the range, or the index has not come so far. */
  #missing(stop: BlockNode): FilterReply {
    const kind = this.#modules.chain.isActive(stop) ? 'not-indexed' : 'not-found'
    return { kind, hash: stop.hash }
  }
}

/** @throws {PeerError} `request-invalid` */
function checkRange({ kind, startHeight }: FilterRequest, stop: BlockNode): void {
  const count = stop.height - startHeight + 1
  if (count >= 1 && count <= mostBlocks[kind]) return
  const range = `from height ${startHeight} to ${stop.height}`
  const reason =
    count < 1 ? 'ends before it begins' : `has ${count} blocks, where ${mostBlocks[kind]} are allowed`
  throw new PeerError('request-invalid', `The range of ${kind} ${range} that the peer asks for ${reason}.`)
}
