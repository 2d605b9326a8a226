/** `chain-wallet create`: a new wallet with new words. Alias of the tutorials: `createwallet --alias NAME`. */

import { existsSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { addressOf } from '../address-of.ts'
import { walletExists } from '../errors.ts'
import { createKeyFile } from '../keystore/keystore.ts'
import { createWords, type WordCount } from '../keystore/words.ts'
import { askNewPassphrase } from './passphrase.ts'
import type { Surroundings } from './surroundings.ts'
import { WalletContext } from './wallet-context.ts'

export function addCreate(program: Command, surroundings: Surroundings): void {
  program
    .command('create')
    .alias('createwallet')
    .description('make a new wallet and show its words')
    .option('--alias <name>', 'name of the wallet, the same as --wallet')
    .addOption(new Option('--words <count>', 'how many words').choices(['12', '24']).default('12'))
    .action(async (options: { alias?: string; words: '12' | '24' }, command: Command) => {
      const context = new WalletContext(command, surroundings, options.alias)
      await create(context, Number(options.words) as WordCount)
    })
}

async function create(context: WalletContext, count: WordCount): Promise<void> {
  const { spec, name, paths, surroundings } = context
  // The file is made in one step that never replaces another; this look only spares a question.
  if (existsSync(paths.keyFile)) throw walletExists(name, paths.keyFile)
  const passphrase = context.givenPassphrase() ?? (await askNewPassphrase(name, surroundings))
  const words = createWords(count)
  const now = surroundings.now()
  const account = await createKeyFile({
    file: paths.keyFile,
    name,
    spec,
    words,
    passphrase,
    birthday: Math.floor(now / 1_000),
    now,
  })
  const address = addressOf(account, { branch: 'receive', index: 0 }, spec)
  const advice =
    'Write the words down and keep them secret: whoever has them has the coins, and nothing else restores them.'
  context.print({ words, address }, `words    ${words}\naddress  ${address}\n\n${advice}`)
}
