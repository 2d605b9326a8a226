import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { describe, expect, it } from 'vitest'
import { hostLimits } from '../../src/host/host-limits.ts'
import { joinWrites } from '../../src/host/joined-writes.ts'

/** A sender whose writes are joined, and what comes at the other end, message by message. */
function joined(): { sender: MultiaddrConnection; receiver: MultiaddrConnection; came: Uint8Array[] } {
  const [sender, receiver] = multiaddrConnectionPair()
  const came: Uint8Array[] = []
  receiver.addEventListener('message', ({ data }) => came.push(data.subarray()))
  joinWrites(sender)
  return { sender, receiver, came }
}

function closed(connection: MultiaddrConnection): Promise<void> {
  return new Promise((resolve) => connection.addEventListener('close', () => resolve()))
}

const { joinedWrites } = hostLimits

describe('joined writes', () => {
  it('carry in one message what is sent in one go', async () => {
    const { sender, receiver, came } = joined()
    sender.send(Uint8Array.of(0, 1))
    sender.send(Uint8Array.of(2))
    await Promise.resolve()
    sender.send(Uint8Array.of(3))
    const end = closed(receiver)
    await sender.close()
    await end
    expect(came).toEqual([Uint8Array.of(0, 1, 2), Uint8Array.of(3)])
  })

  it('keep the order, and are no longer than the bound', async () => {
    const { sender, receiver, came } = joined()
    const sent = Array.from({ length: 20 }, (_, index) => new Uint8Array(joinedWrites / 8).fill(index))
    for (const bytes of [...sent, new Uint8Array(3 * joinedWrites + 1).fill(99)]) sender.send(bytes)
    const end = closed(receiver)
    await sender.close()
    await end
    expect(came.every(({ length }) => length <= joinedWrites)).toBe(true)
    expect(Buffer.concat(came)).toEqual(Buffer.concat([...sent, Buffer.alloc(3 * joinedWrites + 1, 99)]))
  })

  it('do not wait for more when they are at the bound', () => {
    const [sender] = multiaddrConnectionPair()
    const sent: number[] = []
    const send = sender.send.bind(sender)
    sender.send = (data) => {
      sent.push(data.byteLength)
      return send(data)
    }
    joinWrites(sender)
    sender.send(new Uint8Array(joinedWrites - 1))
    expect(sent).toEqual([])
    sender.send(new Uint8Array(1))
    expect(sent).toEqual([joinedWrites])
  })

  it('go out before a connection is aborted, and none after', async () => {
    const { sender, receiver, came } = joined()
    sender.send(Uint8Array.of(1))
    const end = closed(receiver)
    sender.abort(new Error('gone'))
    expect(() => sender.send(Uint8Array.of(2))).toThrow()
    await end
    expect(came.flatMap((bytes) => [...bytes])).toEqual([1])
  })
})
