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
import type { ChainPort } from '../ports.ts'
import type { IsWanted } from '../streams/exchange.ts'
import { passTurn } from '../turn.ts'
import type { AnswerPace } from './answer-pace.ts'
import { SharedLane } from './shared-lane.ts'
import type { StoredItems } from './stored-items.ts'

/** What the answers are made from. */
export interface ProofAnswerModules {
  readonly chain: Pick<ChainPort, 'find'>
  readonly bodies: StoredItems<Uint8Array>
  readonly pace: AnswerPace
}

/** Answers requests for proofs, for each peer at its pace. */
export class ProofAnswers {
  readonly #modules: ProofAnswerModules
  readonly #lane = new SharedLane()

  constructor(modules: ProofAnswerModules) {
    this.#modules = modules
  }

  /**
   * The frames of the answer.
   *
   * @param peer - its peer id as text
   * @param isWanted - nothing is proven any more when it says no; always wanted when absent
   */
  async *answer(
    request: GetProof,
    peer: string,
    isWanted: IsWanted = () => true,
  ): AsyncGenerator<ProofReply, void, void> {
    const proof = await this.#prove(request, peer, isWanted)
    if (proof === undefined) {
      yield { kind: 'not-found', hash: request.block }
      return
    }
    yield { kind: 'proof', merkleBlock: proof.merkleBlock }
    for (const transaction of proof.transactions) yield { kind: 'transaction', transaction }
  }

  /** Reads the block and makes the proof from it, when the peer may have that done and its turn has come. */
  async #prove(request: GetProof, peer: string, isWanted: IsWanted): Promise<Proof | undefined> {
    const { chain, bodies, pace } = this.#modules
    await pace.wait(peer, 'proof')
    await pace.wait(peer, 'light-byte', 0)
    return await this.#lane.run(async () => {
      const node = chain.find(request.block)
      const body = node === undefined ? undefined : bodies.find(node)
      pace.charge(peer, 'light-byte', body?.length ?? 0)
      return body === undefined ? undefined : await prove(body, request)
    }, isWanted)
  }
}

/** What an answer holds while the peer takes it: not the block, which takes twenty times its bytes when it is decoded. */
interface Proof {
  readonly merkleBlock: Uint8Array
  readonly transactions: readonly Uint8Array[]
}

/** A full block takes tens of milliseconds: others get their turn between the steps. */
async function prove(body: Uint8Array, request: GetProof): Promise<Proof> {
  const { header, transactions } = decodeBlock(body)
  await passTurn()
  const ids = txids(transactions)
  await passTurn()
  const wanted = wantedIds(request, ids)
  const merkleBlock = encodeMerkleBlock({ header, proof: createMerkleProof(ids, wanted) })
  const keys = new Set(request.transactions ? wanted.map(bytesKey) : [])
  const found = transactions.filter((_, index) => keys.has(bytesKey(ids[index] as Txid)))
  return { merkleBlock, transactions: found.map((transaction) => encodeTransaction(transaction)) }
}

/** @param ids - of all transactions of the block */
function wantedIds({ txids: wanted, coinbase }: GetProof, ids: readonly Txid[]): readonly Txid[] {
  return coinbase ? [...ids.slice(0, 1), ...wanted] : wanted
}
