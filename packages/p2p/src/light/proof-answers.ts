/**
 * What light clients are told about transactions in blocks: the proof that they are there, and the transactions.
 *
 * Any block serves whose body is here, whatever branch it is on. Not for how the answer travels (`protocols/proofs.ts`).
 *
 * Source: docs/protocol/light-clients.md#proofs
 */

import { bytesKey } from '@chain/core/bytes'
import {
  createMerkleProof,
  decodeBlock,
  encodeMerkleBlock,
  encodeTransaction,
  type Txid,
  txids,
} from '@chain/core/primitives'
import type { GetProof, ProofReply } from '@chain/wire'
import type { AnswerPace } from '../answer-pace.ts'
import type { ChainPort } from '../ports.ts'
import type { StoredItems } from '../stored-items.ts'
import { Turn } from '../turn.ts'

/** What the answers are made from. */
export interface ProofAnswerModules {
  readonly chain: Pick<ChainPort, 'find'>
  readonly bodies: StoredItems<Uint8Array>
  readonly pace: AnswerPace
}

/** Answers requests for proofs, for each peer at its pace. */
export class ProofAnswers {
  readonly #modules: ProofAnswerModules

  constructor(modules: ProofAnswerModules) {
    this.#modules = modules
  }

  /**
   * The frames of the answer.
   *
   * @param peer - its peer id as text
   */
  async *answer(request: GetProof, peer: string): AsyncGenerator<ProofReply, void, void> {
    const body = await this.#read(request.block, peer)
    if (body === undefined) {
      yield { kind: 'not-found', hash: request.block }
      return
    }
    // A full block takes tens of milliseconds: others get their turn between the steps.
    const turn = new Turn()
    const { header, transactions } = decodeBlock(body)
    await turn.pass()
    const ids = txids(transactions)
    await turn.pass()
    const wanted = wantedIds(request, ids)
    yield {
      kind: 'proof',
      merkleBlock: encodeMerkleBlock({ header, proof: createMerkleProof(ids, wanted) }),
    }
    if (!request.transactions) return
    const keys = new Set(wanted.map(bytesKey))
    for (const [index, transaction] of transactions.entries()) {
      if (!keys.has(bytesKey(ids[index] as Txid))) continue
      yield { kind: 'transaction', transaction: encodeTransaction(transaction) }
    }
  }

  /** The body of a block, when the peer may have it read. */
  async #read(hash: Uint8Array, peer: string): Promise<Uint8Array | undefined> {
    const { chain, bodies, pace } = this.#modules
    await pace.wait(peer, 'proof')
    await pace.wait(peer, 'light-byte', 0)
    const node = chain.find(hash)
    const body = node === undefined ? undefined : bodies.find(node)
    pace.charge(peer, 'light-byte', body?.length ?? 0)
    return body
  }
}

/** @param ids - of all transactions of the block */
function wantedIds({ txids: wanted, coinbase }: GetProof, ids: readonly Txid[]): readonly Txid[] {
  return coinbase ? [...ids.slice(0, 1), ...wanted] : wanted
}
