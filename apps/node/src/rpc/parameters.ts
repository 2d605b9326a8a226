/**
 * Checks that several RPC methods share. Text that core parses throws core's own error, whose sentence says more.
 */
import { isIP, isIPv6 } from 'node:net'
import { type BlockHash, parseHash, type Txid } from '@chain/core/primitives'
import { isPeerId } from '@chain/p2p'
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'

/** The text of a block hash. @throws {ParseError} `hash-malformed` */
export const blockHashParameter: z.ZodType<BlockHash> = z.string().transform((text) => parseHash(text))

/** The text of a transaction id. @throws {ParseError} `hash-malformed` */
export const txidParameter: z.ZodType<Txid> = z.string().transform((text) => parseHash(text))

/** A block height; whether there is such a block is the method's question. */
export const heightParameter: z.ZodType<number> = z.int()

/** How much a method tells: 0 to `most`, or `false` for 0 and `true` for 1. */
export function verbosityParameter(most: number, preset: number): z.ZodType<number> {
  return z
    .union([z.int(), z.boolean().transform(Number)])
    .transform((level) => Math.max(0, Math.min(level, most)))
    .default(preset)
}

/** A multiaddr of a peer; the peer manager says what is wrong with it. */
export const peerAddressParameter: z.ZodType<string> = z.string().min(1).max(300)

/** A peer id or an IP address, the latter in its shortest form. */
export const banSubjectParameter: z.ZodType<string> = z
  .string()
  .max(100)
  .refine((text) => (isIP(text) !== 0 && !text.includes('%')) || isPeerId(text), 'a peer id or an IP address')
  .transform((text) => (isIPv6(text) ? canonicalIp6(text) : text))

/** As the addresses of connections are written. */
function canonicalIp6(text: string): string {
  return multiaddr(`/ip6/${text}`).getComponents()[0]?.value ?? text
}
