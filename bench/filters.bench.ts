/** Building and matching the basic filter of a real block of 1 MB. */
import type { Bytes } from '@chain/core/bytes'
import { hash160 } from '@chain/core/crypto'
import { computeBasicFilter, computeFilterHeader, matchFilter } from '@chain/core/filters'
import { blockHash, decodeBlock, type Transaction } from '@chain/core/primitives'
import { p2wpkhScript } from '@chain/core/script'
import type { MakeBenches } from './measure.ts'
import { readVectors } from './vectors.ts'

const FILE = 'block426884.raw'

export const makeBenches: MakeBenches = () => {
  const raw = readVectors(FILE)
  if (raw === undefined) return `needs ${FILE} in ../shared/vectors, or CHAIN_VECTORS to name its folder`
  const block = decodeBlock(raw)
  const spent = block.transactions.slice(1).flatMap(standIns)
  const filter = computeBasicFilter(block, spent)
  const hash = blockHash(block.header)
  const ours = Array.from({ length: 1_000 }, (_, index) => scriptOf(Uint8Array.of(index >> 8, index)))
  return [
    {
      title: `The filter of ${FILE} with ${spent.length} spent scripts: ${filter.length} bytes`,
      work: [1, 'blocks'],
      cases: [
        { name: 'build', run: () => computeBasicFilter(block, spent) },
        { name: 'match 10 scripts', run: () => matchFilter(filter, hash, ours.slice(0, 10)) },
        { name: 'match 1,000 scripts', run: () => matchFilter(filter, hash, ours) },
        { name: 'filter header', run: () => computeFilterHeader(filter, hash) },
      ],
    },
  ]
}

/** Scripts as many as the inputs: the real ones are in other blocks. */
function standIns({ inputs }: Transaction): Bytes[] {
  return inputs.map(({ previousOutput }) => scriptOf(previousOutput.txid))
}

function scriptOf(seed: Bytes): Bytes {
  return p2wpkhScript(hash160(seed))
}
