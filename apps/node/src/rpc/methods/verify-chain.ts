/** `verifychain`: judges the blocks of the active chain anew. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { rpcCodes } from '@chain/cli'
import type { VerifyLevel, VerifyReport } from '@chain/core/chain'
import { formatHash } from '@chain/core/primitives'
import { z } from 'zod'
import type { RpcContext } from '../context.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

export const verifyChain: RpcMethod = defineMethod({
  name: 'verifychain',
  summary:
    'Whether the last blocks, 0 for all, are sound: level 0 to 4, as of chain-node verify. No block is taken in meanwhile; the log says why not.',
  parameters: { checklevel: z.int().default(3), nblocks: z.int().default(6) },
  run: async ({ checklevel, nblocks }, context, signal) => {
    const { chain, log } = context
    const level = Math.max(0, Math.min(4, checklevel)) as VerifyLevel
    const depth = nblocks <= 0 || nblocks > chain.tip.height ? chain.tip.height : nblocks
    const report = await verifyUnlessAborted({ level, depth }, context, signal)
    const { fault, from, blocks } = report
    if (fault !== undefined) {
      const { height, hash, error } = fault
      log.error({ height, hash: formatHash(hash) }, `A block failed verification: ${error.message}`)
    } else if (blocks < depth) {
      log.warn({ from, blocks, depth }, 'Verification stopped at blocks that were pruned')
    }
    return fault === undefined && blocks === depth
  },
})

/** @throws {RpcError} `verification-interrupted` when nobody waits for the outcome any more */
async function verifyUnlessAborted(
  { level, depth }: { readonly level: VerifyLevel; readonly depth: number },
  { chain }: RpcContext,
  signal: AbortSignal,
): Promise<VerifyReport> {
  const onProgress = async (): Promise<void> => {
    await nextTurn(undefined, { signal })
  }
  try {
    return await chain.verify({ level, depth, onProgress })
  } catch (error) {
    throw signal.aborted ? interrupted(error) : error
  }
}

function interrupted(cause: unknown): RpcError {
  const message = 'The verification was interrupted.'
  return new RpcError(rpcCodes.miscellaneous, 'verification-interrupted', message, { cause })
}
