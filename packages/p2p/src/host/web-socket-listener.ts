/**
 * Accepts WebSockets, with bounds on what a stranger can open, send or leave waiting before libp2p hears of it.
 *
 * Not for TLS: a proxy in front does that. Not for hand-shakes of libp2p, which has bounds of its own.
 *
 * Source: RFC 6455; docs/limits.md#host
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type {
  ComponentLogger,
  CreateListenerOptions,
  Listener,
  ListenerEvents,
  Logger,
} from '@libp2p/interface'
import { TypedEventEmitter } from '@libp2p/interface'
import { getNetConfig, getThinWaistAddresses, ipPortToMultiaddr } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { type WebSocket, WebSocketServer } from 'ws'
import { addressGroup, ipOf, isLoopbackIp } from '../peers/addresses.ts'
import { hostLimits } from './host-limits.ts'
import { WebSocketConnection, webSocketOptions } from './web-socket-connection.ts'

/** A socket that is no WebSocket yet. */
interface Pending {
  readonly group: string | undefined
  /** Ends it. */
  readonly timer: ReturnType<typeof setTimeout>
}

/** A listener on one address. Bound of sockets that are no WebSockets yet: `hostLimits.pendingConnections`. */
export class WebSocketListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #upgrader: CreateListenerOptions['upgrader']
  readonly #logger: ComponentLogger
  readonly #log: Logger
  readonly #server: Server
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    ...webSocketOptions,
  })
  readonly #closing = new AbortController()
  readonly #pending = new Map<Duplex, Pending>()
  readonly #upgraded = new Set<WebSocket>()
  #address: Multiaddr | undefined

  constructor(logger: ComponentLogger, { upgrader }: CreateListenerOptions) {
    super()
    this.#upgrader = upgrader
    this.#logger = logger
    this.#log = logger.forComponent('libp2p:websockets:listener')
    this.#server = createServer({ maxHeaderSize: hostLimits.webSocketHeaders }, (_, response) => {
      response.writeHead(400, { connection: 'close' }).end('Only WebSocket connections are supported.')
    })
    this.#server.on('connection', (socket) => this.#admit(socket))
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Listens; rejects when the address is in use. */
  async listen(address: Multiaddr): Promise<void> {
    const { host, port } = getNetConfig(address)
    const listening = pEvent(this.#server, 'listening')
    this.#server.listen({ host, port: port ?? 0, backlog: hostLimits.listenBacklog })
    await listening
    this.#address = address
    this.safeDispatchEvent('listening')
  }

  getAddrs(): Multiaddr[] {
    const bound = this.#server.address() as AddressInfo | null
    if (bound === null || this.#address === undefined) return []
    return getThinWaistAddresses(this.#address, bound.port).map((address) => address.encapsulate('/ws'))
  }

  updateAnnounceAddrs(): void {
    this.#log.trace('addresses are announced as they are')
  }

  async close(): Promise<void> {
    this.#closing.abort()
    if (!this.#server.listening) return
    const closed = pEvent(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    for (const webSocket of this.#upgraded) webSocket.terminate()
    await closed
    this.safeDispatchEvent('close')
  }

  #admit(socket: Socket): void {
    const group = groupOf(socket)
    socket.on('error', (error) => this.#log('a socket failed - %e', error))
    if (!this.#hasRoom(group)) {
      socket.destroy()
      return
    }
    const timer = setTimeout(() => socket.destroy(), hostLimits.inboundHandshake)
    this.#pending.set(socket, { group, timer })
    socket.once('close', () => this.#settle(socket))
  }

  /** A socket has become a WebSocket, or never will. */
  #settle(socket: Duplex): void {
    clearTimeout(this.#pending.get(socket)?.timer)
    this.#pending.delete(socket)
  }

  #hasRoom(group: string | undefined): boolean {
    if (this.#pending.size >= hostLimits.pendingConnections) return false
    if (group === undefined) return true
    const ofGroup = [...this.#pending.values()].filter((other) => other.group === group)
    return ofGroup.length < hostLimits.pendingUpgrades
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#settle(socket)
      this.#upgraded.add(webSocket)
      webSocket.once('close', () => this.#upgraded.delete(webSocket))
      this.#accept(webSocket, request)
    })
  }

  #accept(webSocket: WebSocket, { socket }: IncomingMessage): void {
    const { remoteAddress, remotePort } = socket
    if (remoteAddress === undefined || remotePort === undefined) {
      webSocket.terminate()
      return
    }
    const connection = new WebSocketConnection({
      webSocket,
      remoteAddr: ipPortToMultiaddr(remoteAddress, remotePort).encapsulate('/ws'),
      direction: 'inbound',
      log: this.#logger.forComponent('libp2p:websockets:connection'),
    })
    this.#upgrader.upgradeInbound(connection, { signal: this.#closing.signal }).catch((error: Error) => {
      this.#log('an inbound connection failed - %e', error)
      connection.abort(error)
    })
  }
}

/** What is counted together; those of this machine are not, as in `peers/gater.ts`. */
function groupOf({ remoteAddress, remotePort }: Socket): string | undefined {
  const ip = ipOf(ipPortToMultiaddr(remoteAddress ?? '127.0.0.1', remotePort ?? 0))
  return ip === undefined || isLoopbackIp(ip) ? undefined : addressGroup(ip)
}
