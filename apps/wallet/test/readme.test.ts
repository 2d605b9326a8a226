import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadNetwork } from '@chain/core/consensus'
import { parseAddress } from '@chain/core/script'
import { ChainBuilder } from '@chain/core/testing'
import { COIN } from '@chain/core/units'
import { expect, it } from 'vitest'
import { words } from './keystore/key-files.ts'
import { ServingNode } from './light-client/serving-node.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const main = new URL('../src/main.ts', import.meta.url).pathname
const spec = loadNetwork('regtest')

/** First address of the words. */
const alice = 'bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk'

it('the example of the README works when it is pasted', { timeout: 120_000 }, async () => {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(101)
  const output = { value: COIN, scriptPubKey: parseAddress(alice, spec.addressPrefix) }
  builder.mine({ transactions: [builder.spend(builder.spendable().slice(0, 1), [output])] })
  const node = await ServingNode.start(spec, builder.blocks)
  const directory = temporaryDirectory()
  const wordsFile = join(directory, 'words')
  writeFileSync(wordsFile, words)

  const [, example] = /<!-- example: .*? -->\n```sh\n(.*?)```/s.exec(readme) ?? []
  const program = `chain-wallet() { "${process.execPath}" --conditions=@chain/source "${main}" "$@"; }`
  const { stdout } = await promisify(execFile)('bash', ['-euc', `${program}\n${example}`], {
    env: {
      ...process.env,
      DIRECTORY: directory,
      WORDS: wordsFile,
      NODE: node.address,
      CHAIN_PASSPHRASE: 'example',
    },
  })
  expect(stdout).toContain(`its first address is ${alice}`)
  expect(stdout).toMatch(/confirmed +1\.00000000/)
  expect(stdout).toMatch(/^Paid 0\.25000000 to bcrt1/m)
  expect(stdout).toMatch(/-0\.25000282 +waiting/)
  expect(node.mempool.count).toBe(1)
})
