import { OperationalError } from '@chain/core/errors'
import { WireError } from '@chain/wire'
import { describe, expect, it } from 'vitest'
import { PeerError, type PeerErrorCode } from '../../src/errors.ts'
import { penaltyForFault } from '../../src/peers/fault-penalty.ts'

describe('a failed exchange', () => {
  it.each<[PeerErrorCode, string | undefined]>([
    ['frame-too-large', 'protocol-violation'],
    ['frame-malformed', 'protocol-violation'],
    ['frame-unexpected', 'protocol-violation'],
    ['answer-unexpected', 'protocol-violation'],
    ['answer-false', 'protocol-violation'],
    ['request-invalid', 'protocol-violation'],
    ['peer-timed-out', 'timeout'],
    ['peer-stalled', 'timeout'],
    ['peer-closed', undefined],
    ['peer-reset', undefined],
    ['frame-truncated', undefined],
    ['cancelled', undefined],
  ])('with %s costs a peer: %s', (code, reason) => {
    expect(penaltyForFault(new PeerError(code, 'It failed.'))).toBe(reason)
  })

  it('with bytes that are no message is a violation of the protocol', () => {
    const error = new WireError('message-malformed', 'No status.', { message: 'Status' })
    expect(penaltyForFault(error)).toBe('protocol-violation')
  })

  it('of our own surroundings costs nobody anything', () => {
    expect(penaltyForFault(new OperationalError('store-closed', 'The store is closed.'))).toBeUndefined()
  })
})
