import { fromHex } from '@chain/core/bytes'
import { describe, expect, it } from 'vitest'
import { disassemble, scriptJson } from '../../src/rpc/script-json.ts'

describe('scripts in words', () => {
  it.each([
    ['', ''],
    ['0014751e76e8199196d454941c45d1b3a323f1433bd6', '0 751e76e8199196d454941c45d1b3a323f1433bd6'],
    [`5120${'ab'.repeat(32)}`, `1 ${'ab'.repeat(32)}`],
    [
      '76a914751e76e8199196d454941c45d1b3a323f1433bd688ac',
      'OP_DUP OP_HASH160 751e76e8199196d454941c45d1b3a323f1433bd6 OP_EQUALVERIFY OP_CHECKSIG',
    ],
    [
      'a914751e76e8199196d454941c45d1b3a323f1433bd687',
      'OP_HASH160 751e76e8199196d454941c45d1b3a323f1433bd6 OP_EQUAL',
    ],
    ['6a0548656c6c6f', 'OP_RETURN 48656c6c6f'],
    ['04ffff001d0104', '486604799 4'],
    ['018101e4020080', '-1 -100 0'],
    ['4f60b2b1', '-1 16 OP_CHECKSEQUENCEVERIFY OP_CHECKLOCKTIMEVERIFY'],
    ['ba', 'OP_CHECKSIGADD'],
    ['ff50', 'OP_UNKNOWN OP_RESERVED'],
    ['51 4c02ffff'.replace(' ', ''), '1 -32767'],
    ['5105ffff', '1 [error]'],
    ['4d', '[error]'],
  ])('%s is %j', (hex, words) => {
    expect(disassemble(fromHex(hex))).toBe(words)
  })

  it('come with the address where there is one', () => {
    const script = fromHex('0014751e76e8199196d454941c45d1b3a323f1433bd6')
    expect(scriptJson(script, 'bcrt')).toMatchObject({
      address: 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080',
      type: 'witness_v0_keyhash',
    })
    expect(scriptJson(fromHex('51'), 'bcrt')).toEqual({ asm: '1', hex: '51', type: 'nonstandard' })
  })
})
