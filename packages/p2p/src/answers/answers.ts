/**
 * What a node answers to those who ask: headers, blocks, filters and proofs of its chain, and a verdict on each submitted
 * transaction.
 *
 * Not for status (`peers/`) nor for what is told without being asked (`relay/`).
 *
 * Source: docs/protocol/peers.md
 */
import { RuleError } from '@chain/core/consensus'
import { DecodeError, invariant } from '@chain/core/errors'
import type { MempoolOutcome } from '@chain/core/mempool'
import {
  decodeTransaction,
  encodeHeader,
  formatOutPoint,
  type Transaction,
  txid,
} from '@chain/core/primitives'
import type {
  FilterReply,
  FilterRequest,
  GetHeaders,
  GetProof,
  Headers,
  ProofReply,
  SubmitReply,
} from '@chain/wire'
import type { Libp2p } from '@libp2p/interface'
import type { Clock } from '../clock.ts'
import type { Penalise } from '../peers/penalise.ts'
import type { ChainPort, FilterPort, LogPort, MempoolPort } from '../ports.ts'
import { handleBlocks } from '../protocols/blocks.ts'
import { handleFilters } from '../protocols/filters.ts'
import { handleHeaders } from '../protocols/headers.ts'
import { handleProofs, type ProofResponder } from '../protocols/proofs.ts'
import { handleSubmit } from '../protocols/submit.ts'
import type { IsWanted, ServeOptions } from '../streams/exchange.ts'
import { AnswerPace } from './answer-pace.ts'
import { FilterAnswers } from './filter-answers.ts'
import { ProofAnswers } from './proof-answers.ts'
import { StoredItems } from './stored-items.ts'

/** What the answers are made from. */
export interface AnswerModules {
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  /** `undefined` where none are kept: `filters/1` is not answered then. */
  readonly filters?: FilterPort | undefined
  readonly penalise: Penalise
  readonly clock: Clock
  readonly log: LogPort
}

/** Answers each peer, named by its peer id as text, at the pace of {@link AnswerPace}. */
export class Answers {
  readonly #modules: AnswerModules
  readonly #bodies: StoredItems<Uint8Array>
  readonly #pace: AnswerPace
  readonly #filters: FilterAnswers | undefined
  readonly #proofs: ProofAnswers

  constructor(modules: AnswerModules) {
    this.#modules = modules
    const { chain, filters, clock, log } = modules
    const bodies = new StoredItems('A block', (node) => chain.readBody(node), log)
    const pace = new AnswerPace(clock)
    this.#bodies = bodies
    this.#pace = pace
    this.#filters = filters === undefined ? undefined : new FilterAnswers({ chain, filters, pace, log })
    this.#proofs = new ProofAnswers({ chain, bodies, pace })
  }

  /** Resolves when a peer may make its next request, of whatever kind. */
  admit(peer: string): Promise<void> {
    return this.#pace.wait(peer, 'request')
  }

  /** The headers of the active chain behind a locator; at most 2,000. */
  async headers({ locator, stop }: GetHeaders, peer: string): Promise<Headers> {
    const headers = this.#modules.chain.headersAfter(locator, stop).map(encodeHeader)
    await this.#pace.wait(peer, 'header', headers.length)
    return { headers }
  }

  /**
   * The raw block with a hash, or `undefined` when this node does not have it, or has not found it valid: whoever got an invalid one
   * would blame this node for it.
   */
  async block(hash: Uint8Array, peer: string): Promise<Uint8Array | undefined> {
    await this.#pace.wait(peer, 'block')
    const node = this.#modules.chain.find(hash)
    return node?.validity === 'connected' ? this.#bodies.find(node) : undefined
  }

  /** What becomes of a raw transaction. */
  async verdict(transaction: Uint8Array, peer: string): Promise<SubmitReply> {
    await this.#pace.wait(peer, 'submit')
    return await judge(this.#modules, transaction, peer)
  }

  /** The proof that transactions are in a block, frame by frame. */
  proof(request: GetProof, peer: string, isWanted?: IsWanted): AsyncIterable<ProofReply> {
    return this.#proofs.answer(request, peer, isWanted)
  }

  /** Filter headers or filters, frame by frame; only where filters are kept. */
  filters(request: FilterRequest, peer: string): AsyncIterable<FilterReply> {
    invariant(this.#filters !== undefined, 'Filters are answered for where they are kept.')
    return this.#filters.answer(request, peer)
  }
}

/** Answers `headers/1`, `blocks/1`, `submit/1`, `proofs/1` and, where filters are kept, `filters/1` from now on. */
export async function answerPeers(
  host: Libp2p,
  modules: AnswerModules,
  options: ServeOptions,
): Promise<void> {
  const { id } = modules.chain.spec
  const answers = new Answers(modules)
  const paced: ServeOptions = { ...options, pace: (peer) => answers.admit(peer.toString()) }
  await handleHeaders(host, id, (request, peer) => answers.headers(request, peer.toString()), paced)
  await handleBlocks(host, id, (hash, peer) => answers.block(hash, peer.toString()), paced)
  await handleSubmit(host, id, (bytes, peer) => answers.verdict(bytes, peer.toString()), paced)
  const proof: ProofResponder = (request, peer, isWanted) => answers.proof(request, peer.toString(), isWanted)
  await handleProofs(host, id, proof, paced)
  if (modules.filters === undefined) return
  await handleFilters(host, id, (request, peer) => answers.filters(request, peer.toString()), paced)
}

/** Whoever loses too many points for it stays connected for as long as it takes to read why. */
async function judge(
  { mempool, penalise }: AnswerModules,
  bytes: Uint8Array,
  peer: string,
): Promise<SubmitReply> {
  let transaction: Transaction
  try {
    transaction = decodeTransaction(bytes)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    penalise(peer, 'invalid-transaction', error.message, 'soon')
    return { accepted: false, code: error.code, sentence: error.message }
  }
  const outcome = await mempool.accept(transaction)
  if (outcome.status === 'accepted') mempool.addUnbroadcast(outcome.entry.txid)
  if (
    outcome.status === 'refused' &&
    outcome.error instanceof RuleError &&
    outcome.error.rule.blame === 'peer'
  ) {
    penalise(peer, 'invalid-transaction', outcome.error.message, 'soon')
  }
  return verdict(outcome, txid(transaction))
}

/** The verdict that an outcome stands for. */
function verdict(outcome: MempoolOutcome, id: Uint8Array): SubmitReply {
  switch (outcome.status) {
    case 'accepted':
    case 'duplicate':
      return { accepted: true, txid: id }
    case 'refused':
      return { accepted: false, txid: id, code: outcome.error.code, sentence: outcome.error.message }
    case 'missing-inputs': {
      const [first] = outcome.missing
      const outpoint = first === undefined ? 'one of its inputs' : formatOutPoint(first)
      const sentence = `The output ${outpoint} does not exist or is spent already.`
      return { accepted: false, txid: id, code: 'input-coin-missing', sentence }
    }
  }
}
