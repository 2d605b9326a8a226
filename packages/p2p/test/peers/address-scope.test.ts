import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { isFollowed, isUsableFrom, publicNetworks, scopeOf } from '../../src/peers/address-scope.ts'

describe('the scope of an address', () => {
  it.each([
    ['/ip4/127.0.0.1/tcp/1', 'loopback'],
    ['/ip6/::1/tcp/1', 'loopback'],
    ['/dns4/localhost/tcp/1', 'loopback'],
    ['/ip4/10.1.2.3/tcp/1', 'private'],
    ['/ip4/172.16.0.1/tcp/1/ws', 'private'],
    ['/ip4/192.168.1.5/tcp/1', 'private'],
    ['/ip4/169.254.7.7/tcp/1', 'private'],
    ['/ip4/100.64.0.1/tcp/1', 'private'],
    ['/ip6/fd12:3456::1/tcp/1', 'private'],
    ['/ip6/fe80::1/tcp/1', 'private'],
    ['/ip4/8.8.8.8/tcp/1', 'public'],
    ['/ip6/2a00:1450:4001::1/tcp/1/ws', 'public'],
    ['/dns4/chain.example/tcp/443/tls/ws', 'public'],
  ])('%s is %s', (text, scope) => {
    expect(scopeOf(multiaddr(text))).toBe(scope)
  })

  it.each([
    '/ip4/0.0.0.0/tcp/1',
    '/ip6/::/tcp/1',
    '/ip4/224.0.0.1/tcp/1',
    '/ip4/255.255.255.255/tcp/1',
    '/ip6/ff02::1/tcp/1',
    '/ip4/8.8.8.8/udp/1',
    '/ip4/8.8.8.8/tcp/1/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit',
    '/memory/1',
  ])('%s leads nowhere', (text) => {
    expect(scopeOf(multiaddr(text))).toBeUndefined()
    expect(isUsableFrom(multiaddr(text), 'loopback')).toBe(false)
  })
})

describe('an address is of use', () => {
  const loopback = multiaddr('/ip4/127.0.0.1/tcp/1')
  const local = multiaddr('/ip4/192.168.1.5/tcp/1')
  const everywhere = multiaddr('/ip4/8.8.8.8/tcp/1')

  it('to those who can get there', () => {
    const usable = [loopback, local, everywhere].map((address) => [
      isUsableFrom(address, 'loopback'),
      isUsableFrom(address, 'private'),
      isUsableFrom(address, 'public'),
    ])
    expect(usable).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ])
  })
})

describe('an address that a stranger names', () => {
  const home = multiaddr('/ip4/192.168.1.2/tcp/4001')
  const abroad = multiaddr('/ip4/8.8.8.8/tcp/4001')
  const here = multiaddr('/ip4/127.0.0.1/tcp/4001')
  const strict = { loopback: false, private: false }

  it('is followed when it is public', () => {
    expect(isFollowed(abroad, [abroad], strict)).toBe(true)
    expect(isFollowed(multiaddr('/dns4/node.example/tcp/4001'), [home], strict)).toBe(true)
    expect(isFollowed(multiaddr('/ip4/8.8.8.8/udp/4001'), [], strict)).toBe(false)
  })

  it('is followed on the local network where this node is on no other, or looks for peers there', () => {
    expect(isFollowed(home, [home, here], strict)).toBe(true)
    expect(isFollowed(home, [home, abroad], strict)).toBe(false)
    expect(isFollowed(home, [home, abroad], { loopback: false, private: true })).toBe(true)
  })

  it('is followed on this machine on test networks only', () => {
    expect(isFollowed(here, [here], strict)).toBe(false)
    expect(isFollowed(here, [here], { loopback: true, private: true })).toBe(true)
  })
})

describe('the public networks of addresses', () => {
  it('are those of 16 and 32 bits, each once', () => {
    const addresses = ['/ip4/8.8.8.8/tcp/1', '/ip4/8.8.9.9/tcp/2', '/ip6/2a00:1450:4001::1/tcp/1']
    expect(publicNetworks(addresses)).toEqual(['8.8.0.0/16', '2a00:1450::/32'])
  })

  it('are none of loopback, private addresses and names', () => {
    const addresses = ['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/2', '/dns4/chain.example/tcp/1']
    expect(publicNetworks(addresses)).toEqual([])
  })
})
