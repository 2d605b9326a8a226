import { generateKeyPair } from '@libp2p/crypto/keys'
import type { MessageStream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { describe, expect, it } from 'vitest'
import { CarrierMeter, watchCarrier } from '../../src/host/carrier-meter.ts'
import { connectionLimits } from '../../src/host/connection-limits.ts'
import { encryption } from '../../src/host/encryption.ts'

const { freeFrameBytes, messageBurst, messagesPerSecond, surplusBytes, expansion } = connectionLimits

describe('what carries a connection', () => {
  it('may come in large messages without end, each with a small one before it', () => {
    const meter = new CarrierMeter()
    let isTaken = true
    for (let count = 0; isTaken && count < 2 * messageBurst; count++) {
      isTaken = meter.take(2, 0) && meter.take(2 * freeFrameBytes, 0)
      meter.give(2 * freeFrameBytes - 16)
    }
    expect(isTaken).toBe(true)
  })

  it('may come in small messages for a while, and at a steady rate from then on', () => {
    const meter = new CarrierMeter()
    let taken = 0
    while (meter.take(1, 0)) taken += 1
    expect(taken).toBeGreaterThanOrEqual(messageBurst)
    expect(taken).toBeLessThan(1.01 * messageBurst)
    taken = 0
    while (meter.take(1, 1_000)) taken += 1
    expect(taken).toBeGreaterThanOrEqual(0.99 * messagesPerSecond)
    expect(taken).toBeLessThan(1.02 * messagesPerSecond)
  })

  it('gathers no credit for later', () => {
    const meter = new CarrierMeter()
    for (let count = 0; count < 1_000; count++) {
      expect(meter.take(1_000_000, 0)).toBe(true)
      meter.give(1_000_000)
    }
    let taken = 0
    while (meter.take(0, 0)) taken += 1
    expect(taken).toBeLessThanOrEqual(messageBurst)
  })

  it('may be so many times as long as what comes out, and no longer', () => {
    const meter = new CarrierMeter()
    for (let count = 0; count < 1_000; count++) {
      expect(meter.take(expansion * 10_000, 0)).toBe(true)
      meter.give(10_000)
    }
    expect(meter.take(surplusBytes, 0)).toBe(true)
    expect(meter.take(1, 0)).toBe(false)
  })
})

/** Both ends of a connection that was encrypted. */
async function encrypt(): Promise<[MessageStream, MessageStream]> {
  const carriers = multiaddrConnectionPair()
  const logger = { forComponent: () => carriers[0].log }
  const make = async (): Promise<ReturnType<ReturnType<typeof encryption>>> => {
    const privateKey = await generateKeyPair('Ed25519')
    const peerId = peerIdFromPrivateKey(privateKey)
    const components = {
      privateKey,
      peerId,
      logger,
      upgrader: { getStreamMuxers: () => new Map() },
    }
    return encryption()(components as never)
  }
  const [client, server] = await Promise.all([make(), make()])
  const secured = await Promise.all([client.secureOutbound(carriers[0]), server.secureInbound(carriers[1])])
  return [secured[0].connection, secured[1].connection]
}

it('a connection that carries encrypted nothing ends', async () => {
  const [client, server] = await encrypt()
  watchCarrier(server)
  const ended = new Promise<Error | undefined>((resolve) => {
    server.addEventListener('close', ({ error }) => resolve(error))
  })
  const { handshake, stream } = client as MessageStream & {
    readonly handshake: { encrypt(bytes: Uint8Array): { subarray(): Uint8Array } }
    readonly stream: MessageStream
  }
  const count = Math.ceil(surplusBytes / 18) + 1
  for (let sent = 0; sent < count && stream.status === 'open'; sent += 1_000) {
    const messages = Array.from({ length: 1_000 }, () => handshake.encrypt(new Uint8Array(0)).subarray())
    const bytes = Buffer.concat(messages.flatMap((message) => [Uint8Array.of(0, message.length), message]))
    stream.send(new Uint8Array(bytes))
  }
  expect(await ended).toMatchObject({ code: 'peer-excess' })
})

it('a connection that carries data stays', async () => {
  const [client, server] = await encrypt()
  watchCarrier(server)
  let received = 0
  const all = new Promise<void>((resolve) => {
    server.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received === 10 * 2 ** 20) resolve()
    })
  })
  for (let sent = 0; sent < 10; sent++) client.send(new Uint8Array(2 ** 20))
  await all
  expect(server.status).toBe('open')
})
