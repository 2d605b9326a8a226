/**
 * Reads the values of options: each parser gives the value or tells in one sentence what it must be.
 */

import { isIP } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { InvalidArgumentError } from 'commander'

/** A parser of whole numbers from `least` to `most`. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d{1,16}$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }
}

/** A port to listen on; 0 picks a free one. */
export const port: (text: string) => number = integer(0, 65_535)

/** An IP address. */
export function ipAddress(text: string): string {
  if (isIP(text) !== 0) return text
  throw new InvalidArgumentError('It must be an IP address such as 127.0.0.1.')
}

/** Collects multiaddrs to listen on: an IP address with TCP, WebSocket or not. */
export function listenAddress(text: string, previous?: readonly string[]): readonly string[] {
  if (/^ip[46],tcp(,ws)?$/.test(componentNames(text).join())) return append(text, previous)
  throw new InvalidArgumentError('It must look like /ip4/0.0.0.0/tcp/8655 or /ip4/0.0.0.0/tcp/8656/ws.')
}

/** Collects multiaddrs to announce: no peer id, it is added. */
export function announceAddress(text: string, previous?: readonly string[]): readonly string[] {
  const names = componentNames(text)
  if (names.includes('tcp') && !names.includes('p2p')) return append(text, previous)
  throw new InvalidArgumentError('It must look like /dns4/node.example.org/tcp/8655, without a peer id.')
}

/** Collects multiaddrs of peers; with a peer id at the end, nobody else can answer there unnoticed. */
export function peerAddress(text: string, previous?: readonly string[]): readonly string[] {
  if (componentNames(text).includes('tcp')) return append(text, previous)
  throw new InvalidArgumentError('It must look like /ip4/192.0.2.1/tcp/8655/p2p/12D3Koo….')
}

/** A name under which nodes look for each other. */
export function rendezvousName(text: string): string {
  if (/^[\x20-\x7e]{1,100}$/.test(text)) return text
  throw new InvalidArgumentError('It must be 1 to 100 printable ASCII characters.')
}

/** The protocols of a multiaddr in their order; none of what is no multiaddr. */
function componentNames(text: string): string[] {
  try {
    return multiaddr(text)
      .getComponents()
      .map(({ name }) => name)
  } catch {
    // The caller says what the text must look like, which helps more than what the parser stumbled over.
    return []
  }
}

function append(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text]
}
