import { exitCodes, rpcCodes } from '@chain/cli'
import { OperationalError } from '@chain/core/errors'
import { describe, expect, it } from 'vitest'
import { describeError } from '../src/describe-error.ts'
import { RpcError } from '../src/rpc/rpc-error.ts'

function operational(code: string): OperationalError {
  return new OperationalError(code, 'A sentence.')
}

describe('what the outside is told of an error', () => {
  it.each([
    [operational('identity-unreadable'), exitCodes.dataDirectory, rpcCodes.database],
    [operational('node-not-running'), exitCodes.unreachable, rpcCodes.notConnected],
    [operational('peer-unreachable'), exitCodes.unreachable, rpcCodes.notConnected],
    [operational('mining-interrupted'), exitCodes.interrupted, rpcCodes.miscellaneous],
    [operational('timed-out'), exitCodes.timedOut, rpcCodes.miscellaneous],
  ])('%s', (error, exitCode, rpcCode) => {
    expect(describeError(error)).toEqual({ exitCode, rpcCode, name: error.code, message: error.message })
  })

  it('says the same of an error that a node described to us', () => {
    const remote = new RpcError(rpcCodes.verifyRejected, 'policy-dust', 'A sentence.')
    expect(describeError(remote)).toMatchObject({
      exitCode: exitCodes.refused,
      rpcCode: rpcCodes.verifyRejected,
    })
  })

  it('takes a wrong request for wrong usage, whoever described it', () => {
    expect(describeError(new RpcError(rpcCodes.wrongType, 'node-error', 'A sentence.')).exitCode).toBe(
      exitCodes.usage,
    )
    expect(describeError(new RpcError(-99, 'node-error', 'A sentence.'))).toMatchObject({
      exitCode: 1,
      rpcCode: -99,
    })
  })
})
