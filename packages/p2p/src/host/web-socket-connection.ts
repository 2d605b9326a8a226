/**
 * A WebSocket as a connection of libp2p, with back-pressure both ways.
 *
 * Not for whom to accept (`web-socket-listener.ts`).
 */
import type { AbortOptions, Logger, MessageStreamDirection } from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import type { WebSocket } from 'ws'
import { hostLimits } from './host-limits.ts'

/** What a connection is made of. */
export interface WebSocketConnectionInit {
  readonly webSocket: WebSocket
  readonly remoteAddr: Multiaddr
  readonly direction: MessageStreamDirection
  readonly log: Logger
}

/** A connection over a WebSocket that is open, or about to be. */
export class WebSocketConnection extends AbstractMultiaddrConnection {
  readonly #webSocket: WebSocket

  constructor({ webSocket, ...init }: WebSocketConnectionInit) {
    super(init)
    this.#webSocket = webSocket
    webSocket.on('message', (data, isBinary) => {
      if (isBinary && data instanceof Uint8Array) this.onData(data)
      else this.abort(new Error('A WebSocket carried text.'))
    })
    // Without a listener the process would end for a frame that is none.
    webSocket.on('error', (error) => this.abort(error))
    webSocket.on('close', () => this.onTransportClosed())
  }

  override sendData(data: Iterable<Uint8Array> & { readonly byteLength: number }): SendResult {
    for (const bytes of data) this.#webSocket.send(bytes, this.#onSent)
    return { sentBytes: data.byteLength, canSendMore: this.#hasRoom() }
  }

  override sendReset(): void {
    this.#webSocket.terminate()
  }

  override async sendClose(options?: AbortOptions): Promise<void> {
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) return
    this.#webSocket.close()
    await pEvent(this.#webSocket, 'close', options ?? {})
  }

  override sendPause(): void {
    this.#webSocket.pause()
  }

  override sendResume(): void {
    this.#webSocket.resume()
  }

  /** Is told of an error as well, which the event of that name reports. */
  readonly #onSent = (): void => {
    if (this.writableNeedsDrain && this.#hasRoom()) this.safeDispatchEvent('drain')
  }

  #hasRoom(): boolean {
    return this.#webSocket.bufferedAmount < hostLimits.webSocketBuffer
  }
}
