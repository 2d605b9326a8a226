/**
 * Checks that several RPC methods share. Text that core parses throws core's own error, whose sentence says more.
 */
import { type BlockHash, parseHash, type Txid } from '@chain/core/primitives'
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

/** A peer id or an IP address. */
export const banSubjectParameter: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z0-9.:]{2,100}$/, 'it must be a peer id or an IP address')
