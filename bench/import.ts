/**
 * `npm run bench:import [options of chain-node import]`: imports a chain of 370 blocks, 60,380 transactions and 120,010
 * signatures into a fresh data directory, in a process of its own, and prints its summary.
 */
import { runChainNode } from './peers/chain-node.ts'
import { findVectors } from './vectors.ts'

const file = findVectors('regtest-370.blk')
if (file === undefined)
  console.log('The file regtest-370.blk is not there: ../shared/vectors, or CHAIN_VECTORS')
else {
  const { seconds, summary } = await runChainNode(file, process.argv.slice(2))
  console.log(JSON.stringify(summary, undefined, 2))
  console.log(`${seconds.toFixed(2)} s from the start of the process to its end`)
}
