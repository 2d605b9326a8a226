/**
 * `chain-node stop`: ends the running node and waits until it is gone.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { printResult } from '@chain/cli'
import type { Command } from 'commander'
import { timedOut } from '../errors.ts'
import { isProcessAlive } from '../process-alive.ts'
import { RpcClient } from '../rpc/client.ts'
import { readNodeFile } from '../rpc/node-file.ts'
import { addNodeOptions, locate, type NodeOptions } from './node-options.ts'

/** Milliseconds that a node has to end. */
const STOP_TIMEOUT = 15_000

/** Milliseconds between two looks. */
const LOOK_INTERVAL = 50

/** Adds the command. */
export function addStop(program: Command): void {
  addNodeOptions(program.command('stop'))
    .description('stop the running node and wait until it is gone')
    .action(stopNode)
}

async function stopNode(options: NodeOptions): Promise<void> {
  const { dataDir } = locate(options)
  const client = new RpcClient(dataDir)
  await client.call('stop')
  await waitForEnd(dataDir, client.pid)
  printResult(options.json === true, { stopped: true, pid: client.pid }, 'The node has stopped.')
}

/** The node takes its file away when it has freed the data directory; a node that crashed does not. */
async function waitForEnd(dataDir: string, pid: number): Promise<void> {
  const deadline = performance.now() + STOP_TIMEOUT
  while (readNodeFile(dataDir)?.pid === pid && isProcessAlive(pid)) {
    if (performance.now() > deadline)
      throw timedOut(`The node (process ${pid}) has not stopped within 15 seconds.`)
    await delay(LOOK_INTERVAL)
  }
}
