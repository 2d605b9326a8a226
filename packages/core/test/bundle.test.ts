/** The library is as small as what is used of it, and needs neither Node nor a browser. */
import { describe, expect, it } from 'vitest'
import { bundle, reorganisation, reorganisationEvents, runBare } from './bundle.ts'

/** Names that people of the field look for. */
const fieldNames = [
  'decodeBlock',
  'encodeBlock',
  'decodeTransaction',
  'encodeTransaction',
  'decodeHeader',
  'encodeHeader',
  'blockHash',
  'txid',
  'wtxid',
  'merkleRoot',
  'targetFromCompact',
  'compactFromTarget',
  'workFromTarget',
  'asertTarget',
  'computeBasicFilter',
  'computeFilterHeader',
  'matchFilter',
  'parseAddress',
  'formatAddress',
  'parseHash',
  'formatHash',
]

/** The header of Bitcoin's first block, and its hash as Bitcoin's tools write it. */
const genesisHeader =
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c'
const genesisHash = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f'

describe('a bundle for browsers', () => {
  it.each(fieldNames)('gives %s alone', async (name) => {
    const alone = await bundle(`export { ${name} } from '@chain/core'`)
    expect(runBare(alone, `typeof core.${name}`)).toBe('function')
    const folders = alone.modules.filter((path) => path.startsWith('src/')).map((path) => path.split('/')[1])
    const above = ['chain', 'mempool', 'mining', 'wallet', 'testing']
    expect(folders.filter((folder) => above.includes(folder ?? ''))).toEqual([])
  })

  it('of blockHash holds hashing and the header, and nothing of the chain', async () => {
    const { code, modules } = await bundle("export { blockHash } from '@chain/core'")
    const ours = modules.filter((path) => path.startsWith('src/'))
    const needed = /^src\/(bytes|crypto)\/|^src\/primitives\/block-header\.ts$/
    expect(ours.filter((path) => !needed.test(path))).toEqual([])
    expect(code.length).toBeLessThan(20_000)
  })

  it('is empty when nothing is used: no module does anything by being imported', async () => {
    const { modules } = await bundle("import '@chain/core'\nimport '@chain/core/testing'")
    expect(modules).toEqual([])
  })

  it('reads a header and names its block', async () => {
    const used = await bundle("export { blockHash, decodeHeader, formatHash, fromHex } from '@chain/core'")
    const expression = `core.formatHash(core.blockHash(core.decodeHeader(core.fromHex('${genesisHeader}'))))`
    expect(runBare(used, expression)).toBe(genesisHash)
  })

  it('keeps a chain: mines, signs, pays and reorganises', async () => {
    const events = await runBare(await bundle(reorganisation), 'core.run()', { TextEncoder, TextDecoder })
    expect(events).toBe(reorganisationEvents)
  })

  it('adds nothing to the global object', async () => {
    const everything = await bundle(
      "export * from '@chain/core'\nexport * as testing from '@chain/core/testing'",
    )
    const added = runBare(everything, 'Object.keys(globalThis).join()')
    expect(added).toBe('core')
  })
})
