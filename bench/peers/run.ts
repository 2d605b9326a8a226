/**
 * `npm run bench:peers [rounds]`: imports a chain of 370 blocks and 120,010 signatures with `chain-node` and its equivalent with
 * Litecoin Core, in turn, and prints each round, the medians and their ratio.
 *
 * Both run as a person would run them, and are measured from the start of the process to its end.
 */
import { findVectors } from '../vectors.ts'
import { runChainNode } from './chain-node.ts'
import { findLitecoinCore, runLitecoinCore } from './litecoin-core.ts'
import type { Run } from './run-to-end.ts'

/** Blocks of both chains after the genesis block. */
const HEIGHT = 370

const rounds = Number(process.argv[2] ?? 5)
const program = findLitecoinCore()
const ours = findVectors('regtest-370.blk')
const theirs = findVectors('litecoin-regtest-370.blk')

if (program === undefined) console.log('Litecoin Core is not installed: apt-get install litecoind')
else if (ours === undefined || theirs === undefined)
  console.log('The block files are not there: ../shared/vectors, or CHAIN_VECTORS')
else await compare(program, ours, theirs)

async function compare(litecoind: string, ourFile: string, theirFile: string): Promise<void> {
  const runs: { readonly chain: Run[]; readonly litecoin: Run[] } = { chain: [], litecoin: [] }
  for (let round = 1; round <= rounds; round++) {
    const chain = await runChainNode(ourFile)
    if (chain.summary.height !== HEIGHT) throw new Error(`chain-node imported up to ${chain.summary.height}.`)
    const litecoin = await runLitecoinCore(litecoind, theirFile, HEIGHT)
    runs.chain.push(chain)
    runs.litecoin.push(litecoin)
    console.log(`round ${round}: chain-node ${describe([chain])}, Litecoin Core ${describe([litecoin])}`)
    if (round === 1) console.log(`  chain-node verifies with ${chain.summary.verifier}`)
  }
  const ratio = medianSeconds(runs.chain) / medianSeconds(runs.litecoin)
  console.log(`median: chain-node ${describe(runs.chain)}, Litecoin Core ${describe(runs.litecoin)}`)
  console.log(`chain-node takes ${ratio.toFixed(2)} of the time of Litecoin Core`)
}

function describe(runs: readonly Run[]): string {
  const memory = median(runs.map(({ peakRssBytes = Number.NaN }) => peakRssBytes))
  return `${medianSeconds(runs).toFixed(2)} s, ${(memory / 1e6).toFixed(0)} MB`
}

function medianSeconds(runs: readonly Run[]): number {
  return median(runs.map(({ seconds }) => seconds))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return ((low as number) + (high as number)) / 2
}
