/**
 * `filters/1`: filter headers, or filters one by one, of a range of the answering node's chain.
 *
 * Source: docs/protocol/light-clients.md#filters
 */
import { equalBytes } from '@chain/core/bytes'
import { computeFilterHash } from '@chain/core/filters'
import { ZERO_HASH } from '@chain/core/primitives'
import {
  decodeFilterReply,
  decodeFilterRequest,
  encodeFilterReply,
  encodeFilterRequest,
  type FilterReply,
  type FilterRequest,
  frameLimits,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import { PeerError } from '../errors.ts'
import type { RequestOptions, ServeOptions } from '../streams/exchange.ts'
import { askOne, askSeries, type Protocol, type SeriesResponder, serveSeries } from './protocol.ts'

const filtersProtocol: Protocol<FilterRequest, FilterReply> = {
  name: 'filters/1',
  request: { maxBytes: frameLimits.FilterRequest, encode: encodeFilterRequest, decode: decodeFilterRequest },
  answer: { maxBytes: frameLimits.FilterReply, encode: encodeFilterReply, decode: decodeFilterReply },
  streams: streamLimits.filters,
  answerTimeout: timeLimits.light,
}

/** That a peer has nothing to say about a range, named by its last block. */
export interface FiltersMissing {
  /** `not-found`: the block is not part of its chain (any more); `not-indexed`: it has not come so far yet. */
  readonly kind: 'not-found' | 'not-indexed'
  /** Hash of the last block of the range. */
  readonly hash: Uint8Array
}

/** A range of blocks whose filter headers are wanted; at most 2,000. */
export interface FilterHeaderRange {
  /** Height of the first block. */
  readonly startHeight: number
  /** Height of the last block. */
  readonly stopHeight: number
  /** Hash of the last block, 32 bytes. */
  readonly stop: Uint8Array
}

/** What gives the filter headers of a range; `chainFilterHeaders` of core computes them. */
export interface FilterHeaders {
  readonly kind: 'headers'
  /** Filter header of the block before the range, 32 bytes. */
  readonly previous: Uint8Array
  /** The hash of each filter of the range, 32 bytes each, lowest first. */
  readonly hashes: readonly Uint8Array[]
}

/** A block whose filter is wanted. */
export interface WantedFilter {
  /** Hash of the block, 32 bytes. */
  readonly block: Uint8Array
  /** Hash of its filter, 32 bytes: of {@link FilterHeaders} that lead to a filter header which is known to be good. */
  readonly filterHash: Uint8Array
}

/** A filter that has the hash it should have. */
export interface FoundFilter {
  readonly kind: 'filter'
  /** Hash of the block, 32 bytes. */
  readonly block: Uint8Array
  /** As `matchFilter` of core reads it. */
  readonly filter: Uint8Array
}

/** Makes the frames of an answer; asked for the next one when the last one has been taken. */
export type FilterResponder = SeriesResponder<FilterRequest, FilterReply>

/** Answers `filters/1` on `host`. */
export function handleFilters(
  host: Libp2p,
  specId: string,
  respond: FilterResponder,
  options?: ServeOptions,
): Promise<void> {
  return serveSeries(host, specId, filtersProtocol, respond, options)
}

/**
 * Asks a peer for the filter headers of a range.
 *
 * Whether they are the right ones is for the caller to check: against a commitment of the network, or another peer's.
 *
 * @throws {PeerError} when the exchange fails; `answer-unexpected` when the answer is of another range or kind; `answer-false`
 *   when a filter header precedes the genesis block's
 * @throws {WireError} when the answer is malformed
 */
export async function requestFilterHeaders(
  connection: Connection,
  specId: string,
  { startHeight, stopHeight, stop }: FilterHeaderRange,
  options?: RequestOptions,
): Promise<FilterHeaders | FiltersMissing> {
  const request = { kind: 'headers', startHeight, stop } as const
  const reply = await askOne(connection, specId, filtersProtocol, request, options)
  if (reply.kind === 'filter') throw unexpected('a filter instead of filter headers')
  if (reply.kind !== 'headers') return checkMissing(reply, stop)
  const count = stopHeight - startHeight + 1
  if (reply.hashes.length !== count) throw unexpected(`${reply.hashes.length} of ${count} filter headers`)
  if (startHeight === 0 && !equalBytes(reply.previous, ZERO_HASH)) {
    throw new PeerError('answer-false', 'The peer sent a filter header before that of the genesis block.')
  }
  return reply
}

/**
 * Asks a peer for the filters of consecutive blocks and yields them in order. Each has the hash that was expected; the last
 * item says that the peer has no more, if it has not all.
 *
 * The peer is held back while the caller is busy with a filter. Leaving the iteration cancels the request.
 *
 * @param startHeight - of the first block
 * @param wanted - 1 to 1,000 blocks of one chain, lowest first
 * @throws {PeerError} while iterating, when the exchange fails; `answer-unexpected` when the answer is about other blocks or of
 *   another kind; `answer-false` when a filter has another hash; `peer-closed` when filters are missing, `frame-unexpected`
 *   when there are too many
 * @throws {WireError} while iterating, when a reply is malformed
 */
export async function* requestFilters(
  connection: Connection,
  specId: string,
  startHeight: number,
  wanted: readonly WantedFilter[],
  options?: RequestOptions,
): AsyncGenerator<FoundFilter | FiltersMissing, void, void> {
  const stop = wanted.at(-1)?.block
  if (stop === undefined) return
  const request = { kind: 'filters', startHeight, stop } as const
  let count = 0
  let isOver = false
  for await (const reply of askSeries(connection, specId, filtersProtocol, request, options)) {
    const next = wanted[count]
    if (next === undefined || isOver) {
      throw new PeerError('frame-unexpected', 'The peer sent more filters than asked for.')
    }
    if (reply.kind === 'headers') throw unexpected('filter headers instead of a filter')
    if (reply.kind === 'filter') yield checkFilter(reply, next)
    else yield checkMissing(reply, stop)
    isOver = reply.kind !== 'filter'
    count += 1
  }
  if (count < wanted.length && !isOver) {
    throw new PeerError('peer-closed', `The peer sent ${count} of ${wanted.length} filters.`)
  }
}

function checkFilter(reply: FoundFilter, { block, filterHash }: WantedFilter): FoundFilter {
  if (!equalBytes(reply.block, block)) throw unexpected('the filter of another block')
  if (!equalBytes(computeFilterHash(reply.filter), filterHash)) {
    throw new PeerError('answer-false', 'The peer sent another filter than its filter header stands for.')
  }
  return reply
}

function checkMissing(reply: FiltersMissing, stop: Uint8Array): FiltersMissing {
  if (equalBytes(reply.hash, stop)) return reply
  throw unexpected('that it lacks a block that was not asked for')
}

function unexpected(what: string): PeerError {
  return new PeerError('answer-unexpected', `The peer sent ${what}.`)
}
