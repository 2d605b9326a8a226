import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../src/bytes/index.ts'
import { DecodeError } from '../../../src/errors/index.ts'
import {
  combinePsbts,
  decodePsbt,
  extractTransaction,
  finalizePsbt,
  formatPsbt,
  parsePsbt,
} from '../../../src/wallet/index.ts'
import { refusal } from '../../refusal.ts'

/** One P2WPKH-like transaction of BIP371 with a taproot input, up to its input map. */
const taprootInput =
  'cHNidP8BAHECAAAAASd0Srq/MCf+DWzyOpbu4u+xiO9SMBlUWFiD5ptmJLJCAAAAAAD/////Anh8AQAAAAAAFgAUg6fjS9mf8DpJYu+KGhAbspVGHs5gawQqAQAAABYAFHrDad8bIOAz1hFmI5V7CsSfPFLoAAAAAAABASsA8gUqAQAAACJRIFosLPW1LPMfg60ujaY/8DGD7Nj2CcdRCuikjgORCgdX'

/** The same with a taproot output, up to its output map. */
const taprootOutput =
  'cHNidP8BAH0CAAAAASd0Srq/MCf+DWzyOpbu4u+xiO9SMBlUWFiD5ptmJLJCAAAAAAD/////Aoh7AQAAAAAAFgAUI4KHHH6EIaAAk/dU2RKB5nWHS59gawQqAQAAACJRIFosLPW1LPMfg60ujaY/8DGD7Nj2CcdRCuikjgORCgdXAAAAAAABASsA8gUqAQAAACJRIFosLPW1LPMfg60ujaY/8DGD7Nj2CcdRCuikjgORCgdXAAA'

describe('invalid PSBTs of BIP174', () => {
  it.each([
    [
      'is a transaction as it is sent',
      'psbt-magic-wrong',
      'AgAAAAEmgXE3Ht/yhek3re6ks3t4AAwFZsuzrWRkFxPKQhcb9gAAAABqRzBEAiBwsiRRI+a/R01gxbUMBD1MaRpdJDXwmjSnZiqdwlF5CgIgATKcqdrPKAvfMHQOwDkEIkIsgctFg5RXrrdvwS7dlbMBIQJlfRGNM1e44PTCzUbbezn22cONmnCry5st5dyNv+TOMf7///8C09/1BQAAAAAZdqkU0MWZA8W6woaHYOkP1SGkZlqnZSCIrADh9QUAAAAAF6kUNUXm4zuDLEcFDyTT7rk8nAOUi8eHsy4TAA==',
    ],
    [
      'has a filled scriptSig in the unsigned transaction',
      'psbt-transaction-signed',
      'cHNidP8BAP0KAQIAAAACqwlJoIxa98SbghL0F+LxWrP1wz3PFTghqBOfh3pbe+QAAAAAakcwRAIgR1lmF5fAGwNrJZKJSGhiGDR9iYZLcZ4ff89X0eURZYcCIFMJ6r9Wqk2Ikf/REf3xM286KdqGbX+EhtdVRs7tr5MZASEDXNxh/HupccC1AaZGoqg7ECy0OIEhfKaC3Ibi1z+ogpL+////qwlJoIxa98SbghL0F+LxWrP1wz3PFTghqBOfh3pbe+QBAAAAAP7///8CYDvqCwAAAAAZdqkUdopAu9dAy+gdmI5x3ipNXHE5ax2IrI4kAAAAAAAAGXapFG9GILVT+glechue4O/p+gOcykWXiKwAAAAAAAABASAA4fUFAAAAABepFDVF5uM7gyxHBQ8k0+65PJwDlIvHhwEEFgAUhdE1N/LiZUBaNNuvqePdoB+4IwgAAAA=',
    ],
    [
      'has an invalid key of an output redeemScript',
      'psbt-field-malformed',
      'cHNidP8BAHMCAAAAATAa6YblFqHsisW0vGVz0y+DtGXiOtdhZ9aLOOcwtNvbAAAAAAD/////AnR7AQAAAAAAF6kUA6oXrogrXQ1Usl1jEE5P/s57nqKHYEOZOwAAAAAXqRS5IbG6b3IuS/qDtlV6MTmYakLsg4cAAAAAAAEBHwDKmjsAAAAAFgAU0tlLZK4IWH7vyO6xh8YB6Tn5A3wAAgAAFgAUYunpgv/zTdgjlhAxawkM0qO3R8sAAQAiACCHa62DLx0WgBXtQSMqnqZaGBXZ7xPA74dZ9ktbKyeKZQEBJVEhA7fOI6AcW0vwCmQlN836uzFbZoMyhnR471EwnSvVf4qHUa4A',
    ],
    [
      'has an invalid key of an input hash type',
      'psbt-field-malformed',
      'cHNidP8BAHMCAAAAATAa6YblFqHsisW0vGVz0y+DtGXiOtdhZ9aLOOcwtNvbAAAAAAD/////AnR7AQAAAAAAF6kUA6oXrogrXQ1Usl1jEE5P/s57nqKHYEOZOwAAAAAXqRS5IbG6b3IuS/qDtlV6MTmYakLsg4cAAAAAAAEBHwDKmjsAAAAAFgAU0tlLZK4IWH7vyO6xh8YB6Tn5A3wCAwABAAAAAAEAFgAUYunpgv/zTdgjlhAxawkM0qO3R8sAAQAiACCHa62DLx0WgBXtQSMqnqZaGBXZ7xPA74dZ9ktbKyeKZQEBJVEhA7fOI6AcW0vwCmQlN836uzFbZoMyhnR471EwnSvVf4qHUa4A',
    ],
  ])('%s', (_, code, text) => {
    const error = refusal(() => parsePsbt(text))
    expect(error).toBeInstanceOf(DecodeError)
    expect(error.code).toBe(code)
  })
})

describe('invalid PSBTs after Bitcoin Core, test/functional/data/rpc_psbt.json', () => {
  // The id of the spent transaction says nothing here, and is another one than in Bitcoin Core.
  const start = `70736274ff0100330100000001${'11'.repeat(32)}0000000000ffffffff000000000000`

  it.each([
    ['a coin', '010109ffffffffffffffff0001010900cafe000000000000'],
    ['a hash type', '010304addedfee01030401000000'],
    ['a redeemScript', '0104000104016a'],
    ['a witnessScript', '01010900e1f505000000000001050001050151'],
    ['a final script', '01070001070151'],
    ['a final witness', '01010900e1f505000000000001080100010803010151'],
  ])('has %s twice', (_, fields) => {
    const bytes = fromHex(`${start}${fields}00`)
    expect(refusal(() => decodePsbt(bytes)).code).toBe('psbt-field-repeated')
  })
})

describe('invalid PSBTs of BIP371', () => {
  it.each([
    [
      'has an internal key of 33 bytes',
      `${taprootInput}ARchAv40kGTJjW4qhT+jybEr2LMEoZwZXGDvp+4jkwRtP6IyAAAA`,
    ],
    [
      'has a signature that is too short',
      `${taprootInput}ARM/Fzuz02wHSvtxb+xjB6BpouRQuZXzyCeFlFq43w4kJg3NcDsMvzTeOZGEqUgawrNYbbZgHwJqd/fkk4SBvDR1AAAA`,
    ],
    [
      'has a signature that is too long',
      `${taprootInput}ARNCFzuz02wHSvtxb+xjB6BpouRQuZXzyCeFlFq43w4kJg3NcDsMvzTeOZGEqUgawrNYbbZgHwJqd/fkk4SBvDR1FwGqAAAA`,
    ],
    [
      'has a derivation path of a key of 33 bytes',
      `${taprootInput}IhYC/jSQZMmNbiqFP6PJsSvYswShnBlcYO+n7iOTBG0/ojIZAHcrLadWAACAAQAAgAAAAIABAAAAAAAAAAAAAA==`,
    ],
    [
      'has an internal key of 33 bytes in an output',
      `${taprootOutput}BBSEC/jSQZMmNbiqFP6PJsSvYswShnBlcYO+n7iOTBG0/ojIA`,
    ],
    [
      'has a derivation path of a key of 33 bytes in an output',
      `${taprootOutput}iBwL+NJBkyY1uKoU/o8mxK9izBKGcGVxg76fuI5MEbT+iMhkAdystp1YAAIABAACAAAAAgAEAAAAAAAAAAA==`,
    ],
    [
      'has a script signature of a key of 33 bytes',
      'cHNidP8BAF4CAAAAAZvUh2UjC/mnLmYgAflyVW5U8Mb5f+tWvLVgDYF/aZUmAQAAAAD/////AUjmBSoBAAAAIlEgAw2k/OT32yjCyylRYx4ANxOFZZf+ljiCy1AOaBEsymMAAAAAAAEBKwDyBSoBAAAAIlEgwiR++/2SrEf29AuNQtFpF1oZ+p+hDkol1/NetN2FtpJCFAIssTrGgkjegGqmo2Wc88A+toIdCcgRSk6Gj+vehlu20s2XDhX1P8DIL5UP1WD/qRm3YXK+AXNoqJkTrwdPQAsJQIl1aqNznMxonsD886NgvjLMC1mxbpOh6LtGBXJrLKej/3BsQXZkljKyzGjh+RK4pXjjcZzncQiFx6lm9JvNQ8sAAA==',
    ],
  ])('%s', (_, text) => {
    expect(refusal(() => parsePsbt(text)).code).toBe('psbt-field-malformed')
  })
})

/** Fields of a type that nobody knows. Source: BIP174, valid PSBTs and the Combiner's example. */
const unknownTypes =
  'cHNidP8BAD8CAAAAAf//////////////////////////////////////////AAAAAAD/////AQAAAAAAAAAAA2oBAAAAAAAACg8BAgMEBQYHCAkPAQIDBAUGBwgJCgsMDQ4PAAA='

const keyPathSigned =
  'cHNidP8BAFICAAAAASd0Srq/MCf+DWzyOpbu4u+xiO9SMBlUWFiD5ptmJLJCAAAAAAD/////AUjmBSoBAAAAFgAUdo4e60z0IIZgM/gKzv8PlyB0SWkAAAAAAAEBKwDyBSoBAAAAIlEgWiws9bUs8x+DrS6Npj/wMYPs2PYJx1EK6KSOA5EKB1cBE0C7U+yRe62dkGrxuocYHEi4as5aritTYFpyXKdGJWMUdvxvW67a9PLuD0d/NvWPOXDVuCc7fkl7l68uPxJcl680IRb+NJBkyY1uKoU/o8mxK9izBKGcGVxg76fuI5MEbT+iMhkAdystp1YAAIABAACAAAAAgAEAAAAAAAAAARcg/jSQZMmNbiqFP6PJsSvYswShnBlcYO+n7iOTBG0/ojIAIgIDa3cqbbdNh1PJioJ5WN5seKszEhCfN9PgMESEJC7Oc9gYdystp1QAAIABAACAAAAAgAAAAAAAAAAAAA=='

const internalKeyOfOutput =
  'cHNidP8BAF4CAAAAASd0Srq/MCf+DWzyOpbu4u+xiO9SMBlUWFiD5ptmJLJCAAAAAAD/////AUjmBSoBAAAAIlEgg2mORYxmZOFZXXXaJZfeHiLul9eY5wbEwKS1qYI810MAAAAAAAEBKwDyBSoBAAAAIlEgWiws9bUs8x+DrS6Npj/wMYPs2PYJx1EK6KSOA5EKB1chFv40kGTJjW4qhT+jybEr2LMEoZwZXGDvp+4jkwRtP6IyGQB3Ky2nVgAAgAEAAIAAAACAAQAAAAAAAAABFyD+NJBkyY1uKoU/o8mxK9izBKGcGVxg76fuI5MEbT+iMgABBSARJNp67JLM0GyVRWJkf0N7E4uVchqEvivyJ2u92rPmcSEHESTaeuySzNBslUViZH9DexOLlXIahL4r8idrvdqz5nEZAHcrLadWAACAAQAAgAAAAIAAAAAABQAAAAA='

describe('valid PSBTs of BIP174 and BIP371', () => {
  it.each([
    ['has fields of unknown types', unknownTypes],
    ['has a taproot signature', keyPathSigned],
    ['has the internal key of an output', internalKeyOfOutput],
  ])('%s, and is written as it was read', (_, text) => {
    const psbt = parsePsbt(text)
    expect(formatPsbt(psbt)).toBe(text)
    expect(formatPsbt(combinePsbts(psbt, psbt))).toBe(text)
  })

  it('the taproot signature of BIP371 is right for its input', () => {
    const [input] = extractTransaction(finalizePsbt(parsePsbt(keyPathSigned)), { maxFee: 2n ** 40n }).inputs
    expect(input?.witness.map(({ length }) => length)).toEqual([64])
  })
})
