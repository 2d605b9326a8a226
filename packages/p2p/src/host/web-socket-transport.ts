/**
 * WebSockets as a transport of a node: libp2p's own takes any message, lets sockets wait for ever, reads without
 * back-pressure, and ends the process for a frame that is none.
 *
 * Not for browsers, whose WebSockets are their own: `@libp2p/websockets` serves them.
 *
 * Source: docs/protocol/peers.md#host
 */
import type {
  ComponentLogger,
  Connection,
  CreateListenerOptions,
  Listener,
  Transport,
} from '@libp2p/interface'
import { serviceCapabilities, transportSymbol } from '@libp2p/interface'
import { getNetConfig } from '@libp2p/utils'
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets'
import type { Multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { WebSocket } from 'ws'
import { hostLimits } from './host-limits.ts'
import { WebSocketConnection, webSocketOptions } from './web-socket-connection.ts'
import { WebSocketListener } from './web-socket-listener.ts'

/** Makes the transport of a host. */
export function boundedWebSockets(): (components: WebSocketsComponents) => Transport {
  return (components) => new WebSocketTransport(components)
}

class WebSocketTransport implements Transport {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = '@chain/websockets'
  readonly [serviceCapabilities] = ['@libp2p/transport']
  readonly dialFilter: Transport['dialFilter']
  readonly #logger: ComponentLogger

  constructor(components: WebSocketsComponents) {
    const inner = webSockets()(components)
    this.dialFilter = inner.dialFilter.bind(inner)
    this.#logger = components.logger
  }

  /** Without TLS only. */
  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return this.dialFilter(addresses).filter((address) => !isSecure(address))
  }

  createListener(options: CreateListenerOptions): Listener {
    return new WebSocketListener(this.#logger, options)
  }

  async dial(address: Multiaddr, options: Parameters<Transport['dial']>[1]): Promise<Connection> {
    options.signal.throwIfAborted()
    const webSocket = new WebSocket(urlOf(address), {
      ...webSocketOptions,
      handshakeTimeout: hostLimits.dialAddress,
      followRedirects: false,
    })
    const log = this.#logger.forComponent('libp2p:websockets:connection')
    const connection = new WebSocketConnection({ webSocket, remoteAddr: address, direction: 'outbound', log })
    try {
      await pEvent(webSocket, 'open', { signal: options.signal, rejectionEvents: ['error', 'close'] })
    } catch (thrown) {
      const error = errorOf(thrown)
      connection.abort(error)
      throw error
    }
    return await options.upgrader.upgradeOutbound(connection, options)
  }
}

/** WebSockets tell what went wrong by an event. */
function errorOf(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const isTelling = typeof thrown === 'object' && thrown !== null && 'error' in thrown
  return isTelling && thrown.error instanceof Error ? thrown.error : new Error('The WebSocket was closed.')
}

function isSecure(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'tls' || name === 'wss')
}

function urlOf(address: Multiaddr): string {
  const { type, host, port } = getNetConfig(address)
  const name = type === 'ip6' ? `[${host}]` : host
  return `${isSecure(address) ? 'wss' : 'ws'}://${name}:${port ?? (isSecure(address) ? 443 : 80)}`
}
