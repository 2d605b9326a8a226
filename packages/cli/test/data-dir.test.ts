import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveDataDir } from '../src/data-dir.ts'

const network = 'dev'

describe('the data directory', () => {
  it('is one of the network in the home directory', () => {
    const home = join(homedir(), '.chain', 'dev')
    expect(resolveDataDir({ network, environment: {} })).toBe(home)
    expect(resolveDataDir({ network, environment: { CHAIN_DATADIR: '', NODE_ID: '' } })).toBe(home)
  })

  it('is where the environment says, with the id of the node', () => {
    expect(resolveDataDir({ network, environment: { CHAIN_DATADIR: 'data' } })).toBe(resolve('data'))
    const environment = { CHAIN_DATADIR: '/tmp/chain', NODE_ID: '3000' }
    expect(resolveDataDir({ network, environment })).toBe('/tmp/chain-3000')
    expect(resolveDataDir({ network, environment: { NODE_ID: '7' } })).toBe(
      join(homedir(), '.chain', 'dev-7'),
    )
  })

  it('is what the option says, whatever the environment', () => {
    const environment = { CHAIN_DATADIR: '/tmp/chain', NODE_ID: '3000' }
    expect(resolveDataDir({ directory: '/tmp/other', network, environment })).toBe('/tmp/other')
  })
})
