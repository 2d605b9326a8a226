/** Runs a command of `chain-wallet` inside the test, on `regtest` and in a directory of its own. */
import { run } from '../../src/cli/run.ts'
import type { Person } from '../../src/cli/surroundings.ts'

/** How a command ended. */
export interface Exit {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What a command is surrounded by. */
export interface WalletOptions {
  readonly directory: string
  /** Value of `CHAIN_PASSPHRASE`; it is not set without. */
  readonly passphrase?: string
  readonly network?: string
  /** Whom to ask; nobody unless given. */
  readonly person?: Person
}

/** Runs a command to its end. */
export async function runWallet(options: WalletOptions, ...args: readonly string[]): Promise<Exit> {
  const { directory, passphrase, network = 'regtest', person } = options
  let stdout = ''
  let stderr = ''
  const code = await run(['--network', network, '--datadir', directory, ...args], {
    environment: { CHAIN_PASSPHRASE: passphrase },
    writeOutput: (text) => {
      stdout += text
    },
    writeError: (text) => {
      stderr += text
    },
    showsProgress: false,
    person,
    now: Date.now,
  })
  return { code, stdout, stderr }
}

/** Runs a command with `--json` and reads its one value; the command must succeed. */
export async function readWallet<Value>(options: WalletOptions, ...args: readonly string[]): Promise<Value> {
  const { code, stdout, stderr } = await runWallet(options, '--json', ...args)
  if (code !== 0) throw new Error(`chain-wallet ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Value
}
