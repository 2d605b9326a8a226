import { RuleError } from '@chain/core/consensus'
import { ChainError, DecodeError, OperationalError, ParseError } from '@chain/core/errors'
import { PolicyError } from '@chain/core/mempool'
import { describe, expect, it } from 'vitest'
import { describeError, type ErrorRows } from '../src/describe-error.ts'
import { exitCodes } from '../src/exit-codes.ts'
import { rpcCodes } from '../src/rpc-codes.ts'

const rows: ErrorRows = {
  'cup-broken': [exitCodes.locked, rpcCodes.walletLocked],
  'cup-': [exitCodes.notFound, rpcCodes.walletNotFound],
  'store-': [exitCodes.timedOut, rpcCodes.miscellaneous],
}

function operational(code: string): OperationalError {
  return new OperationalError(code, 'A sentence.')
}

describe('what the outside is told of an error', () => {
  it.each([
    [operational('usage'), exitCodes.usage, rpcCodes.invalidParameter],
    [operational('data-dir-locked'), exitCodes.dataDirectory, rpcCodes.database],
    [operational('peer-unreachable'), exitCodes.unreachable, rpcCodes.notConnected],
    [operational('port-occupied'), exitCodes.failed, rpcCodes.miscellaneous],
    [operational('toString'), exitCodes.failed, rpcCodes.miscellaneous],
    [new ParseError('chain-spec-malformed', 'A sentence.'), exitCodes.usage, rpcCodes.invalidParameter],
    [new ParseError('address-malformed', 'A sentence.'), exitCodes.usage, rpcCodes.invalidAddressOrKey],
    [new DecodeError('bytes-missing', 'A sentence.'), exitCodes.usage, rpcCodes.undecodable],
    [new RuleError('transaction-inputs-empty', {}), exitCodes.refused, rpcCodes.verifyRejected],
    [new PolicyError('policy-version', { version: 9 }), exitCodes.refused, rpcCodes.verifyRejected],
    [new ChainError('policy-dust', 'As a node says.'), exitCodes.refused, rpcCodes.verifyRejected],
  ])('follows from its code, else from its kind: %s', (error, exitCode, rpcCode) => {
    expect(describeError(error, {})).toEqual({ exitCode, rpcCode, name: error.code, message: error.message })
  })

  it.each([
    ['cup-broken', exitCodes.locked],
    ['cup-empty', exitCodes.notFound],
    ['cup', exitCodes.failed],
    ['store-corrupt', exitCodes.timedOut],
  ])("is the program's own row, the whole code before its beginning: %s", (code, exitCode) => {
    expect(describeError(operational(code), rows).exitCode).toBe(exitCode)
  })

  it.each([new TypeError('x is not a function'), 'x is not a function'])(
    'is a bug where it is none of ours: %s',
    (thrown) => {
      expect(describeError(thrown, rows)).toEqual({
        exitCode: exitCodes.failed,
        rpcCode: rpcCodes.internalError,
        name: 'internal-error',
        message: 'The program has a bug: x is not a function.',
      })
    },
  )
})
