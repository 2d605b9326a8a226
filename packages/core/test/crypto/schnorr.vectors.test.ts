import { fromHex, toHex } from '@chain/core/bytes'
import { signSchnorr, verifySchnorr, xOnlyPublicKey } from '@chain/core/crypto'
import { expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

describeVectors('bip340-schnorr.csv', (vectors) => {
  const rows = vectors
    .text()
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [
        index = '',
        secretKey = '',
        publicKey = '',
        auxiliary = '',
        message = '',
        signature = '',
        verdict,
      ] = line.split(',')
      return { index, secretKey, publicKey, auxiliary, message, signature, verdict }
    })

  test('holds nine valid and ten invalid signatures', () => {
    expect(rows.filter(({ verdict }) => verdict === 'TRUE')).toHaveLength(9)
    expect(rows.filter(({ verdict }) => verdict === 'FALSE')).toHaveLength(10)
  })

  test.each(rows)('signature $index verifies: $verdict', ({ message, publicKey, signature, verdict }) => {
    expect(verifySchnorr(fromHex(message), fromHex(publicKey), fromHex(signature))).toBe(verdict === 'TRUE')
  })

  const signed = rows.filter(({ secretKey }) => secretKey !== '')

  test.each(signed)('signature $index is made from its key', (row) => {
    const secretKey = fromHex(row.secretKey)
    const signature = signSchnorr(fromHex(row.message), secretKey, fromHex(row.auxiliary))
    expect(toHex(xOnlyPublicKey(secretKey))).toBe(row.publicKey.toLowerCase())
    expect(toHex(signature)).toBe(row.signature.toLowerCase())
  })
})
