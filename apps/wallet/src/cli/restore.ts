/** `chain-wallet restore`: a wallet from its words. */
import { existsSync, readFileSync } from 'node:fs'
import { fileUnreadable, usageError } from '@chain/cli'
import type { Command } from 'commander'
import { addressOf } from '../address-of.ts'
import { walletExists } from '../errors.ts'
import { createKeyFile } from '../keystore/keystore.ts'
import { parseWords } from '../keystore/words.ts'
import { askNewPassphrase } from './passphrase.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

interface RestoreOptions {
  readonly alias?: string
  readonly wordsFile?: string
  readonly birthday?: string
}

export function addRestore(program: Command, surroundings: Surroundings): void {
  program
    .command('restore')
    .description('make a wallet again from its words')
    .option('--alias <name>', 'name of the wallet, the same as --wallet')
    .option('--words-file <file>', 'file that holds the words; they are asked for without it')
    .option('--birthday <date>', 'day such as 2026-11-20 before which the wallet cannot have been paid')
    .action(async (options: RestoreOptions, command: Command) => {
      await restore(new WalletContext(command, surroundings, options.alias), options)
    })
}

async function restore(context: WalletContext, { wordsFile, birthday }: RestoreOptions): Promise<void> {
  const { spec, name, paths, surroundings } = context
  const since = birthday === undefined ? 0 : parseDay(birthday)
  if (existsSync(paths.keyFile)) throw walletExists(name, paths.keyFile)
  const words = parseWords(await readWords(wordsFile, surroundings))
  const passphrase = context.givenPassphrase() ?? (await askNewPassphrase(name, surroundings))
  const now = surroundings.now()
  const account = await createKeyFile({
    file: paths.keyFile,
    name,
    spec,
    words,
    passphrase,
    birthday: since,
    now,
  })
  const address = addressOf(account, { branch: 'receive', index: 0 }, spec)
  context.print({ address }, `The wallet "${name}" is restored; its first address is ${address}.`)
}

async function readWords(file: string | undefined, { person }: Surroundings): Promise<string> {
  if (file === undefined) {
    if (person === undefined)
      throw usageError('The words are needed: give --words-file, or run this in a terminal.')
    return person.askSecret('Words:')
  }
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw fileUnreadable('--words-file', file, cause)
  }
}

/** Unix time of the beginning of a day. */
function parseDay(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (!(time >= 0)) throw usageError(`"${text}" is not a day such as 2026-11-20.`)
  return time / 1_000
}
