/**
 * What a node answers to those who ask: headers and blocks of its chain, and a verdict on each submitted transaction.
 *
 * Not for status (`peers/`) nor for what is told without being asked (`relay/`).
 *
 * Source: docs/protocol/peers.md
 */
import type { BlockNode } from '@chain/core/chain'
import { RuleError } from '@chain/core/consensus'
import { DecodeError, OperationalError } from '@chain/core/errors'
import type { MempoolOutcome } from '@chain/core/mempool'
import {
  decodeTransaction,
  encodeHeader,
  formatHash,
  formatOutPoint,
  type Transaction,
  txid,
} from '@chain/core/primitives'
import type { GetHeaders, Headers, SubmitReply } from '@chain/wire'
import type { Libp2p } from '@libp2p/interface'
import { AnswerPace } from './answer-pace.ts'
import type { Clock } from './clock.ts'
import type { ServeOptions } from './exchange.ts'
import type { Penalise } from './penalise.ts'
import type { ChainPort, LogPort, MempoolPort } from './ports.ts'
import { handleBlocks } from './protocols/blocks.ts'
import { handleHeaders } from './protocols/headers.ts'
import { handleSubmit } from './protocols/submit.ts'

/** What the answers are made from. */
export interface AnswerModules {
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  readonly penalise: Penalise
  readonly clock: Clock
  readonly log: LogPort
}

/** Answers each peer, named by its peer id as text, at the pace of {@link AnswerPace}. */
export class Answers {
  readonly #modules: AnswerModules
  readonly #bodies: Bodies
  readonly #pace: AnswerPace

  constructor(modules: AnswerModules) {
    this.#modules = modules
    this.#bodies = new Bodies(modules)
    this.#pace = new AnswerPace(modules.clock)
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

  /** The raw block with a hash, or `undefined` when this node does not have it. */
  async block(hash: Uint8Array, peer: string): Promise<Uint8Array | undefined> {
    await this.#pace.wait(peer, 'block')
    return this.#bodies.find(hash)
  }

  /** What becomes of a raw transaction. */
  async verdict(transaction: Uint8Array, peer: string): Promise<SubmitReply> {
    await this.#pace.wait(peer, 'submit')
    return await judge(this.#modules, transaction, peer)
  }
}

/** Answers `headers/1`, `blocks/1` and `submit/1` from now on. */
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
}

/**
 * The bodies that this node has. They are not hashed again: the store seals each with a CRC-32 of it and of the height and
 * hash it stands under, and does not return a body that fails it. A damaged one is as good as missing for who asks.
 */
class Bodies {
  readonly #chain: ChainPort
  readonly #log: LogPort
  /** Blocks whose damage the log has been told of, so that those who ask do not fill it. */
  readonly #damaged = new WeakSet<BlockNode>()

  constructor({ chain, log }: AnswerModules) {
    this.#chain = chain
    this.#log = log
  }

  find(hash: Uint8Array): Uint8Array | undefined {
    const node = this.#chain.find(hash)
    if (node === undefined) return undefined
    try {
      return this.#chain.readBody(node)
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
    this.#log.warn(data, 'A block cannot be read, and peers who ask for it are told that it is not here')
  }
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
