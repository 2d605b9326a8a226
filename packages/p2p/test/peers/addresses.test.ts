import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import {
  addressGroup,
  ipOf,
  networkOf,
  parseAddress,
  peerIdOf,
  subnetOf,
  withoutPeerId,
  withPeerId,
} from '../../src/peers/addresses.ts'

const peerId = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

describe('an address', () => {
  it('is taken apart into where and who', () => {
    const address = parseAddress(`/ip4/192.0.2.1/tcp/4001/p2p/${peerId}`)
    expect(peerIdOf(address)).toBe(peerId)
    expect(withoutPeerId(address)).toBe('/ip4/192.0.2.1/tcp/4001')
    expect(withPeerId(withoutPeerId(address), peerId).toString()).toBe(address.toString())
  })

  it('may name nobody', () => {
    expect(peerIdOf(multiaddr('/ip4/192.0.2.1/tcp/4001'))).toBeUndefined()
    expect(withoutPeerId(multiaddr('/ip4/192.0.2.1/tcp/4001'))).toBe('/ip4/192.0.2.1/tcp/4001')
  })

  it('is refused in one sentence when it is none', () => {
    expect(() => parseAddress('192.0.2.1:4001')).toThrow(
      expect.objectContaining({
        code: 'address-malformed',
        message: expect.stringContaining('192.0.2.1:4001'),
      }),
    )
    expect(() => parseAddress(`/dns4/${'x'.repeat(300)}/tcp/1`)).toThrow(/longer than 256/)
    expect(() => parseAddress('/ip4/192.0.2.1/tcp/4001/p2p/xyz')).toThrow('"xyz" is no peer id')
  })

  it.each([
    ['/ip4/192.0.2.1/tcp/1', '192.0.2.1'],
    ['/ip6/2001:db8::1/tcp/1/ws', '2001:db8::1'],
    ['/dns4/example.org/tcp/1', undefined],
  ])('%s has the IP %s', (text, ip) => {
    expect(ipOf(multiaddr(text))).toBe(ip)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of %s counts towards %s', (ip, group) => {
    expect(addressGroup(ip)).toBe(group)
  })

  it.each([
    ['192.0.2.1', '192.0.2.0/24', '192.0.0.0/16'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8:0::/48', '2001:db8::/32'],
  ])('%s is in the subnet %s and in the network %s', (ip, subnet, network) => {
    expect(subnetOf(ip)).toBe(subnet)
    expect(networkOf(ip)).toBe(network)
  })
})
