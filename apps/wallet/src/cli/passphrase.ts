/**
 * Where the passphrase comes from: a file that `--passphrase-file` names, else `CHAIN_PASSPHRASE`, else a person. It is
 * never an argument, because others can see those.
 */
import { readFileSync } from 'node:fs'
import { fileUnreadable } from '@chain/cli'
import { passphraseMismatch, passphraseMissing } from '../errors.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * The passphrase that was given without a question, or `undefined`.
 *
 * @param file - the `--passphrase-file` option
 * @throws {OperationalError} `file-unreadable`
 */
export function givenPassphrase(
  file: string | undefined,
  { environment }: Pick<Surroundings, 'environment'>,
): string | undefined {
  if (file !== undefined) return readPassphrase(file)
  const { CHAIN_PASSPHRASE: passphrase } = environment
  return passphrase === '' ? undefined : passphrase
}

function readPassphrase(file: string): string {
  try {
    const passphrase = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    if (passphrase === '') throw new Error('it is empty')
    return passphrase
  } catch (cause) {
    throw fileUnreadable('--passphrase-file', file, cause)
  }
}

/** Asks for the passphrase of a wallet. @throws {OperationalError} `passphrase-missing` when nobody can be asked */
export async function askPassphrase(name: string, { person }: Pick<Surroundings, 'person'>): Promise<string> {
  const passphrase = await person?.askSecret(`Passphrase of the wallet "${name}":`)
  if (passphrase === undefined || passphrase === '') throw passphraseMissing()
  return passphrase
}

/**
 * Asks for a new passphrase, twice.
 *
 * @throws {OperationalError} `passphrase-missing`, `passphrase-mismatch`
 */
export async function askNewPassphrase(
  name: string,
  { person }: Pick<Surroundings, 'person'>,
): Promise<string> {
  const passphrase = await person?.askSecret(`New passphrase for the wallet "${name}":`)
  if (person === undefined || passphrase === undefined || passphrase === '') throw passphraseMissing()
  if ((await person.askSecret('The same passphrase again:')) !== passphrase) throw passphraseMismatch()
  return passphrase
}
