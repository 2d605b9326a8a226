import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { dhtLimits } from '../../src/dht/dht-limits.ts'
import { formatRecordKey, parseRecordKey } from '../../src/dht/record-key.ts'
import { checkRecord, decodeRecord, selectRecord, signRecord } from '../../src/dht/signed-record.ts'
import { createIdentity } from '../../src/host/identity.ts'
import { specId } from '../hosts.ts'
import { bytesOf } from './tables.ts'

const now = Date.parse('2030-01-01')
const expires = now / 1_000 + 3_600
const identity = await createIdentity(new Uint8Array(32).fill(1))
const key = formatRecordKey(peerIdFromPrivateKey(identity), 'greeting')

function sign(
  changes: { sequence?: number; expires?: number; value?: Uint8Array } = {},
): Promise<Uint8Array> {
  return signRecord(identity, specId, key, { sequence: 7, expires, value: bytesOf('hello'), ...changes })
}

function expectRefusal(bytes: Uint8Array, at: string = key, network = specId): Promise<void> {
  return expect(checkRecord(network, at, bytes, now)).rejects.toThrow(
    expect.objectContaining({ code: 'record-refused' }),
  )
}

describe('a signed value', () => {
  it('is what was signed', async () => {
    const record = await checkRecord(specId, key, await sign(), now)
    expect(record).toMatchObject({ sequence: 7, expires, value: bytesOf('hello') })
  })

  it('has bytes that stand in the protocol', async () => {
    const bytes = await sign()
    expect(Buffer.from(bytes.subarray(0, 8)).toString('hex')).toBe(`07000000${littleEndian(expires)}`)
    expect(bytes).toHaveLength(8 + 64 + 5)
    expect(Buffer.from(bytes.subarray(72)).toString()).toBe('hello')
  })

  it('is refused with any byte changed', async () => {
    const bytes = await sign()
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Uint8Array.from(bytes)
      changed[index] = (changed[index] as number) ^ 1
      await expectRefusal(changed)
    }
  })

  it('is refused under another key, of another publisher, and on another network', async () => {
    const bytes = await sign()
    const publisher = peerIdFromPrivateKey(identity)
    await expectRefusal(bytes, formatRecordKey(publisher, 'farewell'))
    await expectRefusal(bytes, formatRecordKey(peerIdFromPrivateKey(await createIdentity()), 'greeting'))
    await expectRefusal(bytes, key, 'ffffffff')
  })

  it('is refused when it has expired, expires too late, or has a wrong length', async () => {
    await expectRefusal(await sign({ expires: now / 1_000 }))
    await expectRefusal(
      await sign({ expires: (now + dhtLimits.valueLifetime + dhtLimits.clockTolerance) / 1_000 + 1 }),
    )
    await expectRefusal(await sign({ value: new Uint8Array(dhtLimits.valueBytes + 1) }))
    await expectRefusal((await sign()).subarray(0, 71))
  })

  it('of several is the newest, then the one that lives longest, wherever it stands', async () => {
    const records = [
      await sign(),
      await sign({ sequence: 9 }),
      await sign({ sequence: 9, expires: expires + 1 }),
    ]
    expect(selectRecord(records)).toBe(2)
    expect(selectRecord(records.toReversed())).toBe(0)
    expect(selectRecord(records.slice(0, 2))).toBe(1)
    expect(() => decodeRecord(new Uint8Array(10))).toThrow(
      expect.objectContaining({ code: 'record-refused' }),
    )
  })
})

describe('a key', () => {
  it('names its publisher', () => {
    expect(parseRecordKey(key)).toMatchObject({ name: 'greeting' })
    expect(parseRecordKey(key).publisher.equals(peerIdFromPrivateKey(identity))).toBe(true)
  })

  it.each([
    '',
    '/record',
    '/record//greeting',
    '/text/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5/greeting',
    '/record/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5/',
    '/record/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5/Greeting',
    '/record/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5/a/b',
    `/record/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5/${'a'.repeat(65)}`,
    '/record/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N/greeting',
  ])('is not %j', (text) => {
    expect(() => parseRecordKey(text)).toThrow(expect.objectContaining({ code: 'record-key-malformed' }))
  })
})

function littleEndian(value: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes.toString('hex')
}
