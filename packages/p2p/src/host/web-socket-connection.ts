/**
 * A WebSocket as a connection of libp2p, with back-pressure both ways.
 *
 * Not for whom to accept (`web-socket-listener.ts`).
 */
import type { AbortOptions, Logger, MessageStreamDirection } from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import type { ServerOptions, WebSocket } from 'ws'
import { Allowances } from '../allowances.ts'
import { PeerError } from '../errors.ts'
import { hostLimits } from './host-limits.ts'

/** What a WebSocket takes from the other side, whoever dialled. */
export const webSocketOptions: Pick<
  ServerOptions,
  'perMessageDeflate' | 'maxPayload' | 'maxFragments' | 'maxBufferedChunks'
> = {
  perMessageDeflate: false,
  maxPayload: hostLimits.webSocketMessage,
  maxFragments: hostLimits.webSocketFragments,
  maxBufferedChunks: hostLimits.webSocketPieces,
}

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
  readonly #idle = new Allowances({
    burst: hostLimits.webSocketIdleBurst,
    perSecond: hostLimits.webSocketIdlePerSecond,
  })

  constructor({ webSocket, ...init }: WebSocketConnectionInit) {
    super(init)
    this.#webSocket = webSocket
    webSocket.on('message', (data, isBinary) => {
      if (!isBinary || !(data instanceof Uint8Array)) this.abort(new Error('A WebSocket carried text.'))
      else if (data.length === 0) this.#onIdle()
      else this.onData(data)
    })
    webSocket.on('ping', this.#onIdle).on('pong', this.#onIdle)
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

  /** Reading costs time, and nobody else counts what carries nothing. */
  readonly #onIdle = (): void => {
    if (this.#idle.takeIfThere('', 1, performance.now())) return
    this.abort(new PeerError('peer-excess', 'The peer sends frames of a WebSocket that carry nothing.'))
  }

  /** Is told of an error as well, which the event of that name reports. */
  readonly #onSent = (): void => {
    if (this.writableNeedsDrain && this.#hasRoom()) this.safeDispatchEvent('drain')
  }

  #hasRoom(): boolean {
    return this.#webSocket.bufferedAmount < hostLimits.webSocketBuffer
  }
}
