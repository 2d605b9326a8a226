import { expect, it } from 'vitest'
import { dhtProtocolId, protocolId, protocolNames, protocolPrefix, rendezvousText } from '../src/index.ts'

const specId = '0a1b2c3d'

it('every protocol id carries the id of the chain spec', () => {
  expect(protocolId(specId, 'headers/1')).toBe('/chain/0a1b2c3d/headers/1')
  expect(dhtProtocolId(specId)).toBe('/chain/0a1b2c3d/kad/1.0.0')
  expect(protocolPrefix(specId)).toBe('chain/0a1b2c3d')
  expect(rendezvousText(specId, 'main')).toBe('/chain/0a1b2c3d/rendezvous/1/main')
  expect(rendezvousText(specId, 'main', 15)).toBe('/chain/0a1b2c3d/rendezvous/1/main/15')
})

it('the protocols have a name and a version each', () => {
  for (const name of protocolNames) expect(name).toMatch(/^[a-z]+\/\d+$/)
})

it.each(['', '0A1B2C3D', '0a1b2c3', '0a1b2c3d/x'])('"%s" is no spec id', (text) => {
  expect(() => protocolId(text, 'status/1')).toThrow('is none')
})
