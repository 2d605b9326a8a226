import { RuleError } from '@chain/core/consensus'
import { OperationalError, ParseError } from '@chain/core/errors'
import { PolicyError } from '@chain/core/mempool'
import { describe, expect, it } from 'vitest'
import { describeError } from '../src/describe-error.ts'
import { exitCodes } from '../src/exit-codes.ts'
import { rpcCodes } from '../src/rpc/rpc-codes.ts'
import { RpcError } from '../src/rpc/rpc-error.ts'

function operational(code: string): OperationalError {
  return new OperationalError(code, 'A sentence.')
}

describe('what the outside is told of an error', () => {
  it.each([
    [operational('data-dir-locked'), exitCodes.dataDirectory, rpcCodes.database],
    [operational('store-corrupt'), exitCodes.dataDirectory, rpcCodes.database],
    [operational('identity-unreadable'), exitCodes.dataDirectory, rpcCodes.database],
    [operational('node-not-running'), exitCodes.unreachable, rpcCodes.notConnected],
    [operational('peer-unreachable'), exitCodes.unreachable, rpcCodes.notConnected],
    [operational('network-unknown'), exitCodes.usage, rpcCodes.invalidParameter],
    [operational('port-occupied'), exitCodes.failed, rpcCodes.miscellaneous],
    [operational('timed-out'), exitCodes.timedOut, rpcCodes.miscellaneous],
    [new ParseError('chain-spec-malformed', 'A sentence.'), exitCodes.usage, rpcCodes.invalidParameter],
    [new ParseError('address-malformed', 'A sentence.'), exitCodes.usage, rpcCodes.invalidAddressOrKey],
    [new RuleError('transaction-inputs-empty', {}), exitCodes.refused, rpcCodes.verifyRejected],
    [new PolicyError('policy-version', { version: 9 }), exitCodes.refused, rpcCodes.verifyRejected],
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

  it('calls everything that is no error of ours a bug', () => {
    expect(describeError(new TypeError('x is not a function'))).toMatchObject({
      exitCode: exitCodes.failed,
      rpcCode: rpcCodes.internalError,
      name: 'internal-error',
    })
    expect(describeError('a string').exitCode).toBe(exitCodes.failed)
  })
})
