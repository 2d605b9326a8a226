/**
 * The command line of `chain-node`: its commands, and what becomes of errors.
 */

import { type ExitCode, exitCodes, usageError } from '@chain/cli'
import { Command, CommanderError } from 'commander'
import { version } from '../version.ts'
import { addMine } from './mine.ts'
import { printError } from './output.ts'
import { addPeers } from './peers.ts'
import { addPrintChain } from './print-chain.ts'
import { addStart } from './start.ts'
import { addStatus } from './status.ts'
import { addStop } from './stop.ts'

const examples = `
Examples:
  $ chain-node start --network dev --mine <address>         a node that mines
  $ chain-node start --network dev --datadir /tmp/b --listen /ip4/127.0.0.1/tcp/0 --rpc-port 0 --bootnode <address>
  $ chain-node status --network dev                         what it is doing
  $ chain-node mine 10 --network dev --to <address>         mine ten blocks now

Exit codes: 0 done, 1 failed, 2 usage, 3 node or peers unreachable, 6 refused by a rule or policy,
7 data directory locked or corrupt, 8 not found, 9 timed out.`

/** Runs a command line and gives the exit code. It never throws. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  const json = words.includes('--json')
  let exitCode: ExitCode = exitCodes.done
  const program = createProgram((code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(json, error)
    // Help and version end in an "error" with exit code 0.
    return error.exitCode === 0 ? exitCodes.done : printError(json, usageError(sentenceOf(error)))
  }
}

function createProgram(setExitCode: (exitCode: ExitCode) => void): Command {
  const program = new Command('chain-node')
    .description('A node of a proof-of-work chain on libp2p.')
    .version(version)
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
  addStart(program, setExitCode)
  for (const add of [addStatus, addStop, addMine, addPeers, addPrintChain]) add(program)
  return program
}

/** What commander says, as one sentence. */
function sentenceOf({ message }: CommanderError): string {
  const text = message
    .replace(/^error: /, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  if (text === '(outputHelp)') return 'Name a command; chain-node --help lists them.'
  const sentence = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.?)]$/.test(sentence) ? sentence : `${sentence}.`
}
