/**
 * The command line of `chain-node`: its commands.
 *
 * Only the command that is named is loaded, because an import has no use for what a node needs to listen and answer.
 */
import { createProgram, type ExitCode, exitCodes, runProgram as run } from '@chain/cli'
import type { Command } from 'commander'
import { describeError } from '../describe-error.ts'
import { version } from '../version.ts'

/** Adds a command to the program; `setExitCode` is for those that end well with another code than 0. */
type AddCommand = (program: Command, setExitCode: (exitCode: ExitCode) => void) => void

/** A command, by the words that call it. */
interface CommandEntry {
  readonly words: readonly string[]
  readonly load: () => Promise<AddCommand>
}

/** In the order of the help. */
const commands: readonly CommandEntry[] = [
  { words: ['start', 'startp2p'], load: async () => (await import('./start.ts')).addStart },
  { words: ['status'], load: async () => (await import('./status.ts')).addStatus },
  { words: ['stop'], load: async () => (await import('./stop.ts')).addStop },
  { words: ['mine', 'mint'], load: async () => (await import('./mine.ts')).addMine },
  { words: ['peers'], load: async () => (await import('./peers.ts')).addPeers },
  { words: ['dht'], load: async () => (await import('./dht.ts')).addDht },
  { words: ['import'], load: async () => (await import('./import.ts')).addImport },
  { words: ['export'], load: async () => (await import('./export.ts')).addExport },
  { words: ['verify'], load: async () => (await import('./verify.ts')).addVerify },
  { words: ['reindex'], load: async () => (await import('./reindex.ts')).addReindex },
  { words: ['printchain'], load: async () => (await import('./print-chain.ts')).addPrintChain },
]

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
  const program = await createNodeProgram(words, (code) => {
    exitCode = code
  })
  const outcome = await run({ program, words, describeError })
  return outcome === exitCodes.done ? exitCode : outcome
}

/** With the command that the first word names, or all of them where it names none, as for the help. */
async function createNodeProgram(
  [word = '']: readonly string[],
  setExitCode: (exitCode: ExitCode) => void,
): Promise<Command> {
  const program = createProgram('chain-node')
    .description('A node of a proof-of-work chain on libp2p.')
    .version(version)
    .addHelpText('after', examples)
  const named = commands.filter((command) => command.words.includes(word))
  for (const { load } of named.length > 0 ? named : commands) (await load())(program, setExitCode)
  return program
}
