/**
 * `chain-node import`, saying on descriptor 3 the hash of each block as soon as it is durable and part of the active chain.
 *
 * Arguments: data directory, block file.
 */
import { writeSync } from 'node:fs'
import { loadNetwork } from '@chain/core/consensus'
import { formatHash } from '@chain/core/primitives'
import { BlockFile } from '../../../apps/node/src/block-file/block-file.ts'
import { importBlocks } from '../../../apps/node/src/block-file/import-blocks.ts'
import { openBareChain } from '../../../apps/node/src/open-bare-chain.ts'

/** A pipe of its own: on the standard output, writing may fail where the reader is slow. */
const ACKNOWLEDGEMENTS = 3

const [, , dataDir, path] = process.argv as [string, string, string, string]
const say = (line: string): void => void writeSync(ACKNOWLEDGEMENTS, `${line}\n`)
const file = await BlockFile.open(path)
const { chain, close } = await openBareChain({
  spec: loadNetwork('regtest'),
  dataDir,
  report: (sentence) => say(`report ${sentence}`),
})
chain.subscribe((event) => {
  if (event.type === 'block-connected') say(`connected ${formatHash(event.node.hash)}`)
})
const { rejections } = await importBlocks({ file, chain })
if (rejections.length > 0) throw new Error(JSON.stringify(rejections))
await close()
await file.close()
