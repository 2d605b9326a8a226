/**
 * An honest stranger: connects for the first time and asks for the newest headers and block, as a wallet does.
 */
import { equalBytes } from '@chain/core/bytes'
import { blockHash, decodeBlock } from '@chain/core/primitives'
import { createLightHost, requestBlocks, requestHeaders } from '@chain/p2p'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'

/** What the stranger has and wants. */
export interface Wish {
  readonly specId: string
  /** The hash of a block it has, whose successor it wants. */
  readonly known: Uint8Array
  /** The hash of that successor. */
  readonly wanted: Uint8Array
}

/** Resolves when a newcomer was given the header and the block that it asked for. */
export async function askAsNewcomer(address: string, { specId, known, wanted }: Wish): Promise<void> {
  await asNewcomer(address, specId, async (connection, signal) => {
    const request = { locator: [known] }
    const { headers } = await requestHeaders(connection, specId, request, { signal })
    if (headers.length !== 1) throw new Error(`A newcomer was given ${headers.length} headers, not 1.`)
    for await (const reply of requestBlocks(connection, specId, [wanted], { signal })) {
      if (reply.kind !== 'block') throw new Error('A newcomer was not given the newest block.')
      const { header } = decodeBlock(reply.block)
      if (!equalBytes(blockHash(header), wanted)) throw new Error('A newcomer was given another block.')
    }
  })
}

/** Takes a block so many times, as fast as it comes. */
export async function takeOften(
  address: string,
  { specId, wanted }: Pick<Wish, 'specId' | 'wanted'>,
  count: number,
): Promise<void> {
  await asNewcomer(address, specId, async (connection) => {
    const hashes = Array.from({ length: count }, () => wanted)
    for await (const reply of requestBlocks(connection, specId, hashes)) {
      if (reply.kind !== 'block') throw new Error('A newcomer was not given a block.')
    }
  })
}

async function asNewcomer(
  address: string,
  specId: string,
  act: (connection: Connection, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const host = await createLightHost({ specId, agent: 'newcomer/1.0.0' })
  await host.start()
  try {
    const signal = AbortSignal.timeout(10_000)
    await act(await host.dial(multiaddr(address), { signal }), signal)
  } finally {
    await host.stop()
  }
}
