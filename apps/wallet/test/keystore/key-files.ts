/** Key files for tests, at the lowest cost of scrypt. */
import { loadNetwork } from '@chain/core/consensus'
import type { Account } from '@chain/core/wallet'
import type { ScryptCost } from '../../src/keystore/encryption.ts'
import { createKeyFile } from '../../src/keystore/keystore.ts'

/** A thousandth of the real cost. */
export const cheap: ScryptCost = { N: 2 ** 10, r: 8, p: 1 }

/** Words whose entropy is zero: the ones of BIP39's first vector. */
export const words = `${'abandon '.repeat(11)}about`

export const passphrase = 'correct horse'

/** Writes a key file of the words above. */
export function writeKeyFile(file: string): Promise<Account> {
  return createKeyFile({
    file,
    name: 'alice',
    spec: loadNetwork('regtest'),
    words,
    passphrase,
    birthday: 1_700_000_000,
    now: 1_700_000_000_000,
    cost: cheap,
  })
}
