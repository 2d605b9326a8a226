/**
 * A connection of a peer that has agreed on Noise and Yamux and then writes the frames of Yamux itself, true or not.
 */
import { noise } from '@chainsafe/libp2p-noise'
import type { Connection, MessageStream, Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

export interface RawConnection {
  /** The encrypted connection: what is sent over it is what the other side's multiplexer reads. */
  readonly socket: MessageStream
  readonly connection: Connection
  /** Bytes that the other side has sent. */
  readonly received: () => number
  close(): Promise<void>
}

/** Connects to `address` with a new identity. */
export async function connectRaw(address: string): Promise<RawConnection> {
  const muxers = new CapturingFactory()
  const host = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [() => muxers],
    connectionMonitor: { enabled: false },
  })
  const connection = await host.dial(multiaddr(address)).catch(async (error: unknown) => {
    await host.stop()
    throw error
  })
  const [muxer] = muxers.made
  if (muxer === undefined) throw new Error('A connection has a multiplexer.')
  return {
    socket: muxer.socket,
    connection,
    received: () => muxer.received,
    close: async () => {
      connection.abort(new Error('The attack is over.'))
      await host.stop()
    },
  }
}

/** Says that it is Yamux and gives out the connections it should multiplex. */
class CapturingFactory implements StreamMuxerFactory {
  readonly protocol = '/yamux/1.0.0'
  readonly made: NoMuxer[] = []

  createStreamMuxer(socket: MessageStream): StreamMuxer {
    const muxer = new NoMuxer(socket)
    this.made.push(muxer)
    return muxer
  }
}

/** A multiplexer without streams, which reads what comes and forgets it. */
class NoMuxer extends EventTarget implements StreamMuxer {
  readonly protocol = '/yamux/1.0.0'
  readonly streams: Stream[] = []
  readonly socket: MessageStream
  status: StreamMuxer['status'] = 'open'
  received = 0

  constructor(socket: MessageStream) {
    super()
    this.socket = socket
    socket.addEventListener('message', ({ data }) => {
      this.received += data.byteLength
    })
  }

  createStream(): never {
    throw new Error('This multiplexer opens no streams.')
  }

  close(): Promise<void> {
    this.status = 'closed'
    return Promise.resolve()
  }

  abort(): void {
    this.status = 'closed'
  }

  listenerCount(): number {
    return 0
  }

  safeDispatchEvent(): boolean {
    return false
  }
}
