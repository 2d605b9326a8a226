/**
 * The command line of `chain-wallet`: its commands and the options that all of them have.
 */
import { createProgram, DEFAULT_NETWORK } from '@chain/cli'
import { type Command, Option } from 'commander'
import { version } from '../version.ts'
import { DEFAULT_WALLET } from '../wallet-directory.ts'
import { addAbandon } from './abandon.ts'
import { addAddress, addAddresses } from './address.ts'
import { addBalance } from './balance.ts'
import { addBump } from './bump.ts'
import { addCreate } from './create.ts'
import { addEncrypt } from './encrypt.ts'
import { addHistory } from './history.ts'
import { addInfo } from './info.ts'
import { addList } from './list.ts'
import { addRestore } from './restore.ts'
import { addSend } from './send.ts'
import type { Surroundings } from './surroundings.ts'

const examples = `
Examples:
  $ chain-wallet --network dev create                       a wallet, and its words
  $ chain-wallet --network dev --peer <multiaddr> balance   what it has; the peer is remembered
  $ chain-wallet --network dev send --to <address> --amount 0.5

Exit codes: 0 done, 1 failed, 2 usage, 3 peers unreachable or unknown, 4 passphrase missing or wrong, 5 not enough coins,
6 refused by a rule or policy, 7 wallet in use or damaged, 8 no such wallet or address, 9 timed out,
130 interrupted.`

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
    .addOption(
      new Option('--peer <multiaddr>', 'ask this node and no others; may be given several times')
        .argParser(collect)
        .default([], 'the peers that answered before, then the bootnodes'),
    )
    .option(
      '--passphrase-file <file>',
      'file that holds the passphrase (default: $CHAIN_PASSPHRASE, or a question)',
    )
    .option('--json', 'print exactly one JSON value')
    .addHelpText('after', examples)
  addCreate(program, surroundings)
  addRestore(program, surroundings)
  addList(program, surroundings)
  addInfo(program, surroundings)
  addAddress(program, surroundings)
  addAddresses(program, surroundings)
  addBalance(program, surroundings)
  addHistory(program, surroundings)
  addSend(program, surroundings)
  addBump(program, surroundings)
  addAbandon(program, surroundings)
  addEncrypt(program, surroundings)
  return program
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
