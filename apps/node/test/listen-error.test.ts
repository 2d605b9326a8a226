import { describe, expect, it } from 'vitest'
import { listenError } from '../src/listen-error.ts'

describe('what is wrong with an address to listen on', () => {
  it.each([
    ['listen EADDRINUSE: address already in use 127.0.0.1:8655', 'port-occupied', 'Port 8655 is in use'],
    ['listen EADDRINUSE: address already in use :::8655', 'port-occupied', 'Port 8655 is in use'],
    ['listen EADDRNOTAVAIL: address not available 192.0.2.1', 'address-not-local', 'listen on 192.0.2.1 ('],
    ['listen EADDRNOTAVAIL: address not available 192.0.2.1:8655', 'address-not-local', '192.0.2.1:8655'],
    ['listen EACCES: permission denied 0.0.0.0:80', 'address-not-local', 'this user may not use the port'],
    [
      'Some failed:\n\n  /ip4/…: Error: listen EADDRINUSE: address already in use 0.0.0.0:1\n   at x (y:2:3)\n',
      'port-occupied',
      'Port 1 ',
    ],
  ])('%j', (text, code, words) => {
    expect(listenError(new Error(text), '--listen')).toMatchObject({
      code,
      message: expect.stringContaining(words),
    })
  })

  it('is nothing when the error is about something else', () => {
    expect(listenError(new Error('out of memory'), '--listen')).toBeUndefined()
    expect(listenError('EADDRINUSE', '--listen')).toBeUndefined()
  })
})
