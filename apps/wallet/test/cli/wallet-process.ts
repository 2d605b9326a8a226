/** Runs `chain-wallet` as a process of its own that nobody can be asked in. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Exit } from './run-wallet.ts'

/** The program's file. */
export const walletMain: string = join(import.meta.dirname, '../../src/main.ts')

/** Runs a command line to its end. @param environment - what differs from the environment of the test */
export async function spawnWallet(
  environment: Readonly<Record<string, string | undefined>>,
  ...args: readonly string[]
): Promise<Exit> {
  const child = spawn(process.execPath, ['--conditions=@chain/source', walletMain, ...args], {
    env: {
      ...process.env,
      CHAIN_PASSPHRASE: undefined,
      CHAIN_DATADIR: undefined,
      NODE_ID: undefined,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
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
