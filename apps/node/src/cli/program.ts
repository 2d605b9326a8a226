/**
 * The command line of `chain-node`: its commands.
 */
import { createProgram, type ExitCode, exitCodes, runProgram as run } from '@chain/cli'
import type { Command } from 'commander'
import { describeError } from '../describe-error.ts'
import { version } from '../version.ts'
import { addMine } from './mine.ts'
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
7 data directory locked or corrupt, 8 not found, 9 timed out, 130 interrupted.`

/** Runs a command line and gives the exit code. It never throws. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done
  const program = createNodeProgram((code) => {
    exitCode = code
  })
  const outcome = await run({ program, words, describeError })
  return outcome === exitCodes.done ? exitCode : outcome
}

function createNodeProgram(setExitCode: (exitCode: ExitCode) => void): Command {
  const program = createProgram('chain-node')
    .description('A node of a proof-of-work chain on libp2p.')
    .version(version)
    .addHelpText('after', examples)
  addStart(program, setExitCode)
  for (const add of [addStatus, addStop, addMine, addPeers, addPrintChain]) add(program)
  return program
}
