/** Real nodes on temporary data directories: regtest, loopback, ports that the system chooses. */
import { onTestFinished } from 'vitest'
import { resolveConfig, type StartOptions } from '../src/config.ts'
import type { Logger } from '../src/logger.ts'
import { type ChainNode, startNode } from '../src/node.ts'
import { RpcClient } from '../src/rpc/client.ts'
import { quietLog } from './quiet-log.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export interface TestNode {
  readonly node: ChainNode
  readonly dataDir: string
  /** Asks the node as commands do. */
  readonly rpc: RpcClient
  /** Resolves when an RPC client wants the node to stop. */
  readonly stopRequested: Promise<void>
}

/** Starts a node; it is stopped when the test is over. */
export async function startTestNode(options: StartOptions = {}, log: Logger = quietLog): Promise<TestNode> {
  const dataDir = options.datadir ?? temporaryDirectory()
  const preset = { network: 'regtest', listen: ['/ip4/127.0.0.1/tcp/0'], rpcPort: 0, dht: false }
  const config = resolveConfig({ ...preset, ...options, datadir: dataDir }, {})
  const stop = Promise.withResolvers<void>()
  const node = await startNode(config, log, () => stop.resolve())
  onTestFinished(() => node.stop())
  return { node, dataDir, rpc: new RpcClient(dataDir), stopRequested: stop.promise }
}
