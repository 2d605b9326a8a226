/** `getindexinfo`: how far the indexes are. */
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'

export const getIndexInfo: RpcMethod = defineMethod({
  name: 'getindexinfo',
  summary: 'The indexes that are switched on, or one of them, and how far each is.',
  parameters: { index_name: z.string().max(100).default('') },
  run: ({ index_name }, { indexes }) =>
    Object.fromEntries(
      indexes
        .status()
        .filter(({ name }) => index_name === '' || name === index_name)
        .map(({ name, synced, height }) => [name, { synced, best_block_height: height }]),
    ),
})
