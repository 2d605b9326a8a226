/**
 * The command line of `chain-wallet`: its commands and the options that all of them have.
 */
import { createProgram, DEFAULT_NETWORK } from '@chain/cli'
import type { Command } from 'commander'
import { version } from '../version.ts'
import { DEFAULT_WALLET } from '../wallet-directory.ts'
import { addAddress, addAddresses } from './address.ts'
import { addBalance } from './balance.ts'
import { addCreate } from './create.ts'
import { addEncrypt } from './encrypt.ts'
import { addHistory } from './history.ts'
import { addInfo } from './info.ts'
import { addList } from './list.ts'
import { addRestore } from './restore.ts'
import { addSend } from './send.ts'
import type { Surroundings } from './surroundings.ts'

/** Makes the parser. */
export function createWalletProgram(surroundings: Surroundings): Command {
  const program = createProgram('chain-wallet', surroundings)
    .description('A light wallet that trusts no node.')
    .version(version)
    .option('--network <name|file>', 'main, dev, regtest, or a chain spec file', DEFAULT_NETWORK)
    .option(
      '--datadir <dir>',
      'directory that holds the wallets (default: $CHAIN_DATADIR or ~/.chain/<network>)',
    )
    .option('--wallet <name>', 'name of the wallet', DEFAULT_WALLET)
    .option('--peer <multiaddr>', 'ask this node and no others; may be given several times', collect, [])
    .option(
      '--passphrase-file <file>',
      'file that holds the passphrase (default: $CHAIN_PASSPHRASE, or a question)',
    )
    .option('--json', 'print exactly one JSON value')
  addCreate(program, surroundings)
  addRestore(program, surroundings)
  addList(program, surroundings)
  addInfo(program, surroundings)
  addAddress(program, surroundings)
  addAddresses(program, surroundings)
  addBalance(program, surroundings)
  addHistory(program, surroundings)
  addSend(program, surroundings)
  addEncrypt(program, surroundings)
  return program
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
