/** Runs `chain-wallet` as a process of its own, on `regtest` and in a directory of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../src/main.ts')

/** How a process ended. */
export interface Exit {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What the process is given. */
export interface WalletProcessOptions {
  readonly directory: string
  /** Value of `CHAIN_PASSPHRASE`; it is not set without. */
  readonly passphrase?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly network?: string
}

/** Runs a command to its end; nobody can be asked anything. */
export async function runWallet(options: WalletProcessOptions, ...args: readonly string[]): Promise<Exit> {
  const { directory, passphrase, environment = {}, network = 'regtest' } = options
  const { CHAIN_PASSPHRASE: _, CHAIN_DATADIR: __, NODE_ID: ___, ...inherited } = process.env
  const child = spawn(
    process.execPath,
    ['--conditions=@chain/source', main, '--network', network, '--datadir', directory, ...args],
    {
      env: {
        ...inherited,
        ...(passphrase === undefined ? {} : { CHAIN_PASSPHRASE: passphrase }),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

/** Runs a command with `--json` and reads its one value; the command must succeed. */
export async function readWallet<Value>(
  options: WalletProcessOptions,
  ...args: readonly string[]
): Promise<Value> {
  const { code, stdout, stderr } = await runWallet(options, '--json', ...args)
  if (code !== 0) throw new Error(`chain-wallet ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Value
}
