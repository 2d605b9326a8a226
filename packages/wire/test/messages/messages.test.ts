import { describe, expect, it } from 'vitest'
import {
  decodeBlockReply,
  decodeFilterReply,
  decodeFilterRequest,
  decodeGetBlocks,
  decodeGetHeaders,
  decodeGetProof,
  decodeHeaders,
  decodeProofReply,
  decodeRelayMessage,
  decodeStatus,
  decodeSubmit,
  decodeSubmitReply,
  encodeBlockReply,
  encodeFilterReply,
  encodeFilterRequest,
  encodeGetBlocks,
  encodeGetHeaders,
  encodeGetProof,
  encodeHeaders,
  encodeProofReply,
  encodeRelayMessage,
  encodeStatus,
  encodeSubmit,
  encodeSubmitReply,
  fieldLimits,
  frameLimits,
  type Status,
  WireError,
  type WireErrorCode,
} from '../../src/index.ts'

const hash = new Uint8Array(32).fill(0xaa)
const header = new Uint8Array(80).fill(0xbb)
const hashHex = 'aa'.repeat(32)

const status: Status = {
  protocolVersion: 1,
  agent: 'chain/0.1.0',
  genesis: hash,
  tip: hash,
  height: 300,
  work: 0x0102n,
  services: 3,
  time: 1_700_000_000,
  nonce: new Uint8Array(8).fill(7),
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

/** The only byte string of a message. */
function bytesIn(message: object): Uint8Array {
  const [value] = Object.values(message).filter((each) => each instanceof Uint8Array)
  if (value === undefined) throw new Error('The message holds no bytes.')
  return value
}

/** `count` times `part`. */
function repeat(part: string, count: number): Uint8Array {
  return bytesOf(part.repeat(count))
}

function expectRefusal(act: () => unknown, code: WireErrorCode): void {
  expect(act).toThrow(WireError)
  expect(act).toThrow(expect.objectContaining({ code }))
}

describe('field numbers', () => {
  it('of Status are final', () => {
    const expected = `0801 120b636861696e2f302e312e30 1a20${hashHex} 2220${hashHex} 28ac02 32020102 3803 4080e2cfaa06 4a080707070707070707`
    expect(hex(encodeStatus(status))).toBe(expected.replaceAll(' ', ''))
  })

  it('of headers are final', () => {
    expect(hex(encodeGetHeaders({ locator: [hash], stop: hash }))).toBe(`0a20${hashHex}1220${hashHex}`)
    expect(hex(encodeHeaders({ headers: [header, header] }))).toBe(`0aa001${'bb'.repeat(160)}`)
  })

  it('of blocks are final', () => {
    expect(hex(encodeGetBlocks({ hashes: [hash, hash] }))).toBe(`0a20${hashHex}0a20${hashHex}`)
    expect(hex(encodeBlockReply({ kind: 'block', block: bytesOf('0102') }))).toBe('0a020102')
    expect(hex(encodeBlockReply({ kind: 'not-found', hash }))).toBe(`1220${hashHex}`)
  })

  it('of relay are final', () => {
    const transactions = [hash]
    expect(hex(encodeRelayMessage({ kind: 'inventory', transactions }))).toBe(`0a220a20${hashHex}`)
    expect(hex(encodeRelayMessage({ kind: 'get-data', transactions }))).toBe(`12220a20${hashHex}`)
    expect(hex(encodeRelayMessage({ kind: 'transaction', transaction: bytesOf('05') }))).toBe('1a0105')
    expect(hex(encodeRelayMessage({ kind: 'new-block', header }))).toBe(`22520a50${'bb'.repeat(80)}`)
    expect(hex(encodeRelayMessage({ kind: 'not-found', transactions }))).toBe(`2a220a20${hashHex}`)
    expect(hex(encodeRelayMessage({ kind: 'fee-filter', feeRate: 1 }))).toBe('32020801')
    const block = new Uint8Array(90).fill(0xcc)
    expect(hex(encodeRelayMessage({ kind: 'compact-block', block }))).toBe(`3a5a${'cc'.repeat(90)}`)
    const request = block.subarray(0, 33)
    expect(hex(encodeRelayMessage({ kind: 'get-block-transactions', request }))).toBe(
      `4221${'cc'.repeat(33)}`,
    )
    expect(hex(encodeRelayMessage({ kind: 'block-transactions', answer: request }))).toBe(
      `4a21${'cc'.repeat(33)}`,
    )
    expect(hex(encodeRelayMessage({ kind: 'compact-mode', highBandwidth: true }))).toBe('52020801')
    expect(hex(encodeRelayMessage({ kind: 'get-compact-block', hash }))).toBe(`5a20${hashHex}`)
    expect(hex(encodeRelayMessage({ kind: 'no-compact-block', hash }))).toBe(`6220${hashHex}`)
  })

  it('of submit are final', () => {
    expect(hex(encodeSubmit({ transaction: bytesOf('05') }))).toBe('0a0105')
    expect(hex(encodeSubmitReply({ accepted: true, txid: hash }))).toBe(`08011220${hashHex}`)
    expect(hex(encodeSubmitReply({ accepted: false, code: 'a', sentence: 'B.' }))).toBe(
      '1a016122 02422e'.replace(' ', ''),
    )
  })
})

describe('field numbers of the light-client protocols', () => {
  it('of filters are final', () => {
    const range = `08ac02 1220${hashHex}`.replace(' ', '')
    const request = { startHeight: 300, stop: hash }
    expect(hex(encodeFilterRequest({ kind: 'headers', ...request }))).toBe(`0a25${range}`)
    expect(hex(encodeFilterRequest({ kind: 'filters', ...request }))).toBe(`1225${range}`)
    expect(hex(encodeFilterReply({ kind: 'headers', previous: hash, hashes: [hash, hash] }))).toBe(
      `0a640a20${hashHex}1240${hashHex}${hashHex}`,
    )
    const filter = bytesOf('0102')
    expect(hex(encodeFilterReply({ kind: 'filter', block: hash, filter }))).toBe(`12260a20${hashHex}12020102`)
    expect(hex(encodeFilterReply({ kind: 'not-found', hash }))).toBe(`1a20${hashHex}`)
    expect(hex(encodeFilterReply({ kind: 'not-indexed', hash }))).toBe(`2220${hashHex}`)
  })

  it('of proofs are final', () => {
    const request = { block: hash, txids: [hash], coinbase: true, transactions: true }
    expect(hex(encodeGetProof(request))).toBe(`0a20${hashHex}1220${hashHex}18012001`)
    expect(hex(encodeProofReply({ kind: 'proof', merkleBlock: bytesOf('05') }))).toBe('0a0105')
    expect(hex(encodeProofReply({ kind: 'transaction', transaction: bytesOf('05') }))).toBe('120105')
    expect(hex(encodeProofReply({ kind: 'not-found', hash }))).toBe(`1a20${hashHex}`)
  })
})

describe('filters', () => {
  it('are asked for with one range, of headers or of filters', () => {
    expectRefusal(() => decodeFilterRequest(new Uint8Array(0)), 'message-malformed')
    expectRefusal(() => decodeFilterRequest(bytesOf('0a020801')), 'message-malformed')
    const both = `0a221220${hashHex}12221220${hashHex}`
    expectRefusal(() => decodeFilterRequest(bytesOf(both)), 'message-malformed')
    expectRefusal(
      () => encodeFilterRequest({ kind: 'filters', startHeight: 0, stop: new Uint8Array(31) }),
      'message-malformed',
    )
  })

  it('come with 1 to 2,000 headers', () => {
    const hashes = new Array<Uint8Array>(fieldLimits.filterHeaders).fill(hash)
    const reply = { kind: 'headers', previous: hash, hashes } as const
    expect(decodeFilterReply(encodeFilterReply(reply))).toEqual(reply)
    for (const wrong of [[], [...hashes, hash], [new Uint8Array(31)], [new Uint8Array(64)]]) {
      expectRefusal(() => encodeFilterReply({ ...reply, hashes: wrong }), 'message-malformed')
    }
    expectRefusal(() => decodeFilterReply(bytesOf(`0a220a20${hashHex}`)), 'message-malformed')
  })

  it('may be 262,144 bytes long and no longer', () => {
    const reply = { kind: 'filter', block: hash, filter: new Uint8Array(fieldLimits.filterBytes) } as const
    expect(decodeFilterReply(encodeFilterReply(reply))).toEqual(reply)
    const longer = { ...reply, filter: new Uint8Array(fieldLimits.filterBytes + 1) }
    expectRefusal(() => encodeFilterReply(longer), 'message-malformed')
    expectRefusal(() => encodeFilterReply({ ...reply, filter: new Uint8Array(0) }), 'message-malformed')
  })

  it('are there or not', () => {
    expectRefusal(() => decodeFilterReply(new Uint8Array(0)), 'message-malformed')
    expectRefusal(() => decodeFilterReply(bytesOf('1a00')), 'message-malformed')
    expectRefusal(() => decodeFilterReply(bytesOf(`1a20${hashHex}2220${hashHex}`)), 'message-malformed')
  })
})

describe('proofs', () => {
  const request = { block: hash, txids: [hash], coinbase: false, transactions: false }

  it('are asked for with up to 100 ids, or for the coinbase alone', () => {
    const txids = new Array<Uint8Array>(fieldLimits.provenTransactions).fill(hash)
    expect(decodeGetProof(encodeGetProof({ ...request, txids })).txids).toHaveLength(100)
    expectRefusal(() => encodeGetProof({ ...request, txids: [...txids, hash] }), 'message-too-many-items')
    expect(decodeGetProof(encodeGetProof({ ...request, txids: [], coinbase: true })).txids).toEqual([])
    expectRefusal(() => encodeGetProof({ ...request, txids: [] }), 'message-malformed')
    expectRefusal(() => decodeGetProof(bytesOf(`0a20${hashHex}2001`)), 'message-malformed')
  })

  it('are bounded, and so are the transactions behind them', () => {
    const longProof = new Uint8Array(fieldLimits.merkleBlockBytes + 1)
    expectRefusal(() => encodeProofReply({ kind: 'proof', merkleBlock: longProof }), 'message-malformed')
    const transaction = new Uint8Array(4_000_001)
    expectRefusal(() => encodeProofReply({ kind: 'transaction', transaction }), 'message-malformed')
    expectRefusal(() => decodeProofReply(new Uint8Array(0)), 'message-malformed')
  })
})

describe('Status', () => {
  it('has no work at genesis of a chain without work, as an empty field', () => {
    expect(decodeStatus(encodeStatus({ ...status, work: 0n })).work).toBe(0n)
  })

  it('refuses work with a leading zero byte, because one number has one encoding', () => {
    const bytes = bytesOf(hex(encodeStatus(status)).replace('32020102', '32020002'))
    expectRefusal(() => decodeStatus(bytes), 'message-malformed')
  })

  it('refuses hashes and nonces of the wrong length', () => {
    expectRefusal(() => encodeStatus({ ...status, tip: new Uint8Array(31) }), 'message-malformed')
    expectRefusal(() => encodeStatus({ ...status, genesis: new Uint8Array(33) }), 'message-malformed')
    expectRefusal(() => encodeStatus({ ...status, nonce: new Uint8Array(0) }), 'message-malformed')
  })

  it('refuses a long agent and one that could steer a terminal', () => {
    expectRefusal(() => encodeStatus({ ...status, agent: 'x'.repeat(257) }), 'message-malformed')
    expectRefusal(() => encodeStatus({ ...status, agent: '\u001b[2J' }), 'message-malformed')
    expectRefusal(() => encodeStatus({ ...status, agent: '\u009b2J' }), 'message-malformed')
  })

  it('refuses an agent that is not UTF-8', () => {
    const bytes = bytesOf(hex(encodeStatus(status)).replace('636861696e', 'ff6861696e'))
    expectRefusal(() => decodeStatus(bytes), 'message-malformed')
  })

  it('refuses a height that does not fit into 32 bits', () => {
    const bytes = bytesOf(hex(encodeStatus(status)).replace('28ac02', '28ffffffff1f'))
    expectRefusal(() => decodeStatus(bytes), 'message-malformed')
  })

  it('refuses a field that stands twice', () => {
    expectRefusal(() => decodeStatus(bytesOf(`${hex(encodeStatus(status))}2805`)), 'message-malformed')
  })

  it('names the message and the field at fault', () => {
    expect(() => decodeStatus(new Uint8Array(0))).toThrow('Status.genesis is missing.')
  })
})

describe('headers', () => {
  it('may be none', () => {
    expect(decodeHeaders(encodeHeaders({ headers: [] }))).toEqual({ headers: [] })
  })

  it('may be 2,000 and no more', () => {
    const headers = new Array<Uint8Array>(fieldLimits.headers).fill(header)
    expect(decodeHeaders(encodeHeaders({ headers })).headers).toHaveLength(2_000)
    expectRefusal(() => encodeHeaders({ headers: [...headers, header] }), 'message-malformed')
  })

  it('have 80 bytes each', () => {
    expectRefusal(() => decodeHeaders(bytesOf(`0a4f${'00'.repeat(79)}`)), 'message-malformed')
    expect(() => encodeHeaders({ headers: [new Uint8Array(81)] })).toThrow()
  })

  it('are asked for with 1 to 101 hashes', () => {
    expectRefusal(() => encodeGetHeaders({ locator: [] }), 'message-malformed')
    expect(decodeGetHeaders(repeat(`0a20${hashHex}`, 101)).locator).toHaveLength(101)
    expectRefusal(() => decodeGetHeaders(repeat(`0a20${hashHex}`, 102)), 'message-too-many-items')
  })
})

describe('blocks', () => {
  it('are asked for with 1 to 128 hashes', () => {
    expectRefusal(() => encodeGetBlocks({ hashes: [] }), 'message-malformed')
    expect(decodeGetBlocks(repeat(`0a20${hashHex}`, 128)).hashes).toHaveLength(128)
    expectRefusal(() => decodeGetBlocks(repeat(`0a20${hashHex}`, 129)), 'message-too-many-items')
  })

  it('may be 4,000,000 bytes long and no longer', () => {
    const block = new Uint8Array(4_000_000)
    expect(decodeBlockReply(encodeBlockReply({ kind: 'block', block }))).toEqual({ kind: 'block', block })
    const longer = new Uint8Array(4_000_001)
    expectRefusal(() => encodeBlockReply({ kind: 'block', block: longer }), 'message-malformed')
  })

  it('are either there or not', () => {
    expectRefusal(() => decodeBlockReply(new Uint8Array(0)), 'message-malformed')
    expectRefusal(() => decodeBlockReply(bytesOf(`0a0101 1220${hashHex}`)), 'message-malformed')
  })
})

describe('RelayMessage', () => {
  it('of a kind that a later version adds is unknown, not malformed', () => {
    expect(decodeRelayMessage(bytesOf('7a03010203'))).toEqual({ kind: 'unknown' })
    expect(decodeRelayMessage(new Uint8Array(0))).toEqual({ kind: 'unknown' })
  })

  it('names at most 1,000 transactions', () => {
    const transactions = new Array<Uint8Array>(1_000).fill(hash)
    expect(decodeRelayMessage(encodeRelayMessage({ kind: 'inventory', transactions }))).toMatchObject({
      kind: 'inventory',
    })
    const more = [...transactions, hash]
    expectRefusal(
      () => encodeRelayMessage({ kind: 'inventory', transactions: more }),
      'message-too-many-items',
    )
    expectRefusal(() => encodeRelayMessage({ kind: 'get-data', transactions: [] }), 'message-malformed')
  })

  it('holds one kind only', () => {
    expectRefusal(() => decodeRelayMessage(bytesOf('1a0105 32020801')), 'message-malformed')
  })

  it('refuses a list of two hundred thousand empty ids before it makes an object of each', () => {
    const count = 200_000
    const body = repeat('0a00', count)
    const bytes = Uint8Array.from([0x0a, 0x80, 0xb5, 0x18, ...body])
    expectRefusal(() => decodeRelayMessage(bytes), 'message-malformed')
  })

  it('keep no frame that holds more than the value', () => {
    const value = new Uint8Array(300).fill(0xcc)
    const plain = Uint8Array.from(encodeRelayMessage({ kind: 'transaction', transaction: value }))
    expect(bytesIn(decodeRelayMessage(plain)).buffer).toBe(plain.buffer)
    const beside = bytesOf(`7a04${'00'.repeat(4)}`)
    const cases: readonly [Uint8Array, (bytes: Uint8Array) => object][] = [
      [plain, decodeRelayMessage],
      [encodeRelayMessage({ kind: 'compact-block', block: value }), decodeRelayMessage],
      [encodeRelayMessage({ kind: 'block-transactions', answer: value }), decodeRelayMessage],
      [encodeSubmit({ transaction: value }), decodeSubmit],
      [encodeBlockReply({ kind: 'block', block: value }), decodeBlockReply],
      [encodeProofReply({ kind: 'proof', merkleBlock: value }), decodeProofReply],
      [encodeProofReply({ kind: 'transaction', transaction: value }), decodeProofReply],
    ]
    for (const [bytes, decode] of cases) {
      const kept = bytesIn(decode(Uint8Array.from([...bytes, ...beside])))
      expect(kept).toEqual(value)
      expect(kept.buffer.byteLength).toBe(value.length)
    }
  })

  it('refuses unknown fields by the hundred', () => {
    expect(decodeRelayMessage(repeat('7a00', fieldLimits.unknownFields))).toEqual({ kind: 'unknown' })
    expectRefusal(
      () => decodeRelayMessage(repeat('7a00', fieldLimits.unknownFields + 1)),
      'message-too-many-items',
    )
  })

  it('refuses groups, however deeply they nest', () => {
    expectRefusal(() => decodeRelayMessage(repeat('7b', 10_000)), 'message-malformed')
  })
})

describe('Submit', () => {
  it('refuses an empty transaction', () => {
    expectRefusal(() => decodeSubmit(bytesOf('0a00')), 'message-malformed')
    expectRefusal(() => decodeSubmit(new Uint8Array(0)), 'message-malformed')
  })

  it('refuses a frame above its limit', () => {
    expectRefusal(() => decodeSubmit(new Uint8Array(frameLimits.Submit + 1)), 'message-too-large')
  })

  it('is answered by a verdict that names what it accepts and why it refuses', () => {
    expectRefusal(() => decodeSubmitReply(bytesOf('0801')), 'message-malformed')
    expectRefusal(() => decodeSubmitReply(bytesOf(`1220${hashHex}`)), 'message-malformed')
  })
})
