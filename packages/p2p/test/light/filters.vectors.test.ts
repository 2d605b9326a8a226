/**
 * The filters of public test vectors over the service, as another implementation would have to read them.
 *
 * Read from `../shared/vectors` beside the repository, or from the folder named by `CHAIN_VECTORS`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fromHex } from '@chain/core/bytes'
import { chainFilterHeaders, computeFilterHash } from '@chain/core/filters'
import { parseHash } from '@chain/core/primitives'
import { expect, test } from 'vitest'
import {
  type FilterHeaders,
  handleFilters,
  requestFilterHeaders,
  requestFilters,
} from '../../src/protocols/filters.ts'
import { connectLightHost, specId } from '../hosts.ts'

type Row = readonly [
  height: number,
  hash: string,
  block: string,
  spentScripts: string[],
  previousHeader: string,
  filter: string,
  header: string,
  notes: string,
]

const folder = process.env.CHAIN_VECTORS ?? resolve(import.meta.dirname, '../../../../../shared/vectors')
const path = join(folder, 'bip158-testnet-19.json')

test.skipIf(!existsSync(path))('filters and filter headers of BIP158 travel unchanged', async () => {
  const rows = (JSON.parse(readFileSync(path, 'utf8')) as Row[]).slice(1)
  const { server, connection } = await connectLightHost()
  await handleFilters(server, specId, async function* ({ kind, startHeight, stop }) {
    const row = rows.find(([height]) => height === startHeight) as Row
    const filter = fromHex(row[5])
    yield kind === 'headers'
      ? { kind, previous: parseHash(row[4]), hashes: [computeFilterHash(filter)] }
      : { kind: 'filter', block: stop, filter }
  })
  for (const [height, hash, , , , filter, header] of rows) {
    const stop = parseHash(hash)
    const range = { startHeight: height, stopHeight: height, stop }
    const told = (await requestFilterHeaders(connection, specId, range)) as FilterHeaders
    expect(chainFilterHeaders(told.previous, told.hashes)).toEqual([parseHash(header)])
    const [filterHash] = told.hashes as [Uint8Array]
    const found = requestFilters(connection, specId, height, [{ block: stop, filterHash }])
    expect(await found.next()).toMatchObject({ value: { filter: fromHex(filter) } })
    await found.return()
  }
})
