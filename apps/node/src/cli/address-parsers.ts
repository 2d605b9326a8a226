/**
 * Reads the multiaddrs that options give: each parser gives the addresses so far and the new one, or tells in one
 * sentence what it must be.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { InvalidArgumentError } from 'commander'

/** Collects multiaddrs to listen on: an IP address with TCP, WebSocket or not. `previous` is `false` after `--no-listen`. */
export function listenAddress(text: string, previous: readonly string[] | false = []): readonly string[] {
  if (/^ip[46],tcp(,ws)?$/.test(componentNames(text).join()))
    return append(text, previous === false ? [] : previous)
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
