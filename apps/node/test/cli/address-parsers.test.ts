import { describe, expect, it } from 'vitest'
import { announceAddress, listenAddress, peerAddress } from '../../src/cli/address-parsers.ts'

const peerId = '12D3KooWNJonLFcgLevcuuvu3YozSCn2zzhLfn4Gh2iCq284bkHJ'

describe('addresses', () => {
  it('to listen on are collected', () => {
    const first = listenAddress('/ip4/0.0.0.0/tcp/0')
    expect(listenAddress('/ip6/::1/tcp/1/ws', first)).toEqual(['/ip4/0.0.0.0/tcp/0', '/ip6/::1/tcp/1/ws'])
  })

  it.each([
    '',
    'x',
    '/ip4/1.2.3.4',
    '/ip4/1.2.3.4/udp/1',
    '/dns4/a/tcp/1',
    `/ip4/1.2.3.4/tcp/1/p2p/${peerId}`,
  ])('to listen on are not %j', (text) => {
    expect(() => listenAddress(text)).toThrow()
  })

  it('to announce have no peer id', () => {
    expect(announceAddress('/dns4/a.example/tcp/1')).toEqual(['/dns4/a.example/tcp/1'])
    expect(() => announceAddress(`/dns4/a/tcp/1/p2p/${peerId}`)).toThrow('without a peer id')
  })

  it('of peers may have a peer id', () => {
    const text = `/ip4/1.2.3.4/tcp/1/p2p/${peerId}`
    expect(peerAddress(text)).toEqual([text])
    expect(peerAddress('/ip4/1.2.3.4/tcp/1')).toEqual(['/ip4/1.2.3.4/tcp/1'])
    expect(() => peerAddress(`/p2p/${peerId}`)).toThrow()
  })
})
