/** What somebody who keeps a value cannot make of it by lying about it, over real hosts. */
import { dhtProtocolId } from '@chain/wire'
import { Libp2pRecord } from '@libp2p/record'
import { describe, expect, it } from 'vitest'
import { dhtLimits } from '../../src/dht/dht-limits.ts'
import { readEnvelope, valueLocation } from '../../src/dht/hash-table-store.ts'
import { signRecord } from '../../src/dht/signed-record.ts'
import { createIdentity } from '../../src/host/identity.ts'
import { serve } from '../../src/streams/exchange.ts'
import { newHost, specId } from '../hosts.ts'
import { bytesOf, meet, startTable } from './tables.ts'

/** Numbers of the library's messages. */
const types = { putValue: 0, getValue: 1 } as const

function message(type: number, key?: Uint8Array, record?: Uint8Array): Uint8Array {
  const field = (number: number, bytes: Uint8Array = new Uint8Array()): number[] =>
    bytes.length === 0 ? [] : [number * 8 + 2, (bytes.length & 0x7f) | 0x80, bytes.length >> 7, ...bytes]
  return Uint8Array.from([8, type, ...field(2, key), ...field(3, record)])
}

describe('whoever keeps an older value', () => {
  it('does not get one believed that its publisher never signed', async () => {
    const publisher = await startTable()
    const reader = await startTable()
    await meet(reader, publisher)
    const { key } = await publisher.table.put('greeting', bytesOf('old'))
    const old = await publisher.datastore.get(valueLocation(key))
    await publisher.table.put('greeting', bytesOf('new'))
    await reader.datastore.delete(valueLocation(key))

    const { sequence, expires } = { sequence: 2 ** 32 - 1, expires: Math.floor(Date.now() / 1_000) + 600 }
    const content = { sequence, expires, value: bytesOf('forged') }
    const forged = await signRecord(await createIdentity(), specId, key, content)
    const row = new Libp2pRecord(bytesOf(key), forged, new Date()).serialize().subarray()
    let corrections = 0
    const liar = await newHost()
    const protocol = {
      id: dhtProtocolId(specId),
      maxRequestBytes: dhtLimits.requestBytes,
      maxAnswerBytes: dhtLimits.answerBytes,
      streams: { inbound: 16, outbound: 16 },
      answerTimeout: 10_000,
    }
    await serve(liar, protocol, async function* (request) {
      // The number 0 is left out.
      const type = request[0] === 8 ? request[1] : types.putValue
      if (type === types.putValue) corrections += 1
      if (type === types.getValue) yield message(type, bytesOf(key), old)
      else if (type === types.putValue) yield message(types.getValue, bytesOf(key), row)
      else yield message(type ?? 0)
    })
    await liar.start()
    await liar.dial(reader.host.getMultiaddrs())
    await expect
      .poll(
        async () => {
          await reader.datastore.delete(valueLocation(key))
          const found = await reader.table.get(key)
          return corrections > 0 ? new TextDecoder().decode(found?.value) : undefined
        },
        { timeout: 30_000 },
      )
      .toBe('new')
    expect(readEnvelope(old).key).toBe(key)
  })
})
