/**
 * Encrypts connections with Noise, and knows afterwards what carries each of them.
 *
 * Source: docs/decisions/0002-noise-and-yamux.md
 */
import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import { serviceCapabilities } from '@libp2p/interface'
import { joinWrites } from './joined-writes.ts'

const carriers = new WeakMap<MessageStream, MessageStream>()

/** What carries a connection that was encrypted here: a socket. */
export function carrierOf(connection: MessageStream): MessageStream | undefined {
  return carriers.get(connection)
}

/** What `connectionEncrypters` of libp2p takes. */
export function encryption(): (components: Parameters<ReturnType<typeof noise>>[0]) => ConnectionEncrypter {
  const create = noise()
  return (components) => new CarriedEncrypter(create(components))
}

class CarriedEncrypter implements ConnectionEncrypter {
  readonly [serviceCapabilities] = ['@libp2p/connection-encryption']
  readonly protocol: string
  readonly #inner: ConnectionEncrypter

  constructor(inner: ConnectionEncrypter) {
    this.protocol = inner.protocol
    this.#inner = inner
  }

  secureInbound: ConnectionEncrypter['secureInbound'] = async (carrier, options) =>
    adopt(carrier, await this.#inner.secureInbound(carrier, options))

  secureOutbound: ConnectionEncrypter['secureOutbound'] = async (carrier, options) =>
    adopt(carrier, await this.#inner.secureOutbound(carrier, options))
}

function adopt(carrier: MessageStream, secured: SecuredConnection): SecuredConnection {
  carriers.set(secured.connection, carrier)
  joinWrites(carrier)
  return secured
}
