import { describe, expect, it } from 'vitest'
import * as parse from '../../src/cli/option-parsers.ts'

const peerId = '12D3KooWNJonLFcgLevcuuvu3YozSCn2zzhLfn4Gh2iCq284bkHJ'

describe('whole numbers', () => {
  const read = parse.integer(1, 100)

  it('are read within their bounds', () => {
    expect([read('1'), read('100')]).toEqual([1, 100])
  })

  it.each(['0', '101', '-1', '1.5', '1e1', '0x10', '', ' 1', 'x', '9'.repeat(30)])('are not %j', (text) => {
    expect(() => read(text)).toThrow('It must be a whole number from 1 to 100.')
  })
})

describe('addresses', () => {
  it('to listen on are collected', () => {
    const first = parse.listenAddress('/ip4/0.0.0.0/tcp/0')
    expect(parse.listenAddress('/ip6/::1/tcp/1/ws', first)).toEqual([
      '/ip4/0.0.0.0/tcp/0',
      '/ip6/::1/tcp/1/ws',
    ])
  })

  it.each([
    '',
    'x',
    '/ip4/1.2.3.4',
    '/ip4/1.2.3.4/udp/1',
    '/dns4/a/tcp/1',
    `/ip4/1.2.3.4/tcp/1/p2p/${peerId}`,
  ])('to listen on are not %j', (text) => {
    expect(() => parse.listenAddress(text)).toThrow()
  })

  it('to announce have no peer id', () => {
    expect(parse.announceAddress('/dns4/a.example/tcp/1')).toEqual(['/dns4/a.example/tcp/1'])
    expect(() => parse.announceAddress(`/dns4/a/tcp/1/p2p/${peerId}`)).toThrow('without a peer id')
  })

  it('of peers may have a peer id', () => {
    const text = `/ip4/1.2.3.4/tcp/1/p2p/${peerId}`
    expect(parse.peerAddress(text)).toEqual([text])
    expect(parse.peerAddress('/ip4/1.2.3.4/tcp/1')).toEqual(['/ip4/1.2.3.4/tcp/1'])
    expect(() => parse.peerAddress(`/p2p/${peerId}`)).toThrow()
  })

  it('of this machine are IP addresses', () => {
    expect(parse.ipAddress('::1')).toBe('::1')
    expect(() => parse.ipAddress('localhost')).toThrow('It must be an IP address')
  })
})
