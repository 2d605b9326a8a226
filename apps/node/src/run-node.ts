/**
 * Runs a node as a process: starts it, says where it is, and ends it when a signal, an RPC call, a disk that takes no more
 * or a bug of ours says so.
 */

import { calledAs, type ExitCode, exitCodes, printResult, quoteWord } from '@chain/cli'
import type { ChainError } from '@chain/core/errors'
import type { NodeConfig } from './config.ts'
import { describeError } from './describe-error.ts'
import type { Logger } from './logger.ts'
import { type ChainNode, startNode } from './node.ts'
import { countSignals } from './signal-echo.ts'

/** Milliseconds after which a node that does not end by itself is ended: a process manager waits longer. */
const STOP_DEADLINE = 4_500

/**
 * Runs until the node has stopped, and gives the exit code: 1 when a bug ended it, which the log tells then.
 *
 * @throws {ChainError} why it could not start
 */
export async function runNode(config: NodeConfig, log: Logger, json: boolean): Promise<ExitCode> {
  const end = Promise.withResolvers<ExitCode>()
  const stopping = new StopWatch()
  const unwatch = watchProcess(log, stopping, end.resolve)
  let deadline: NodeJS.Timeout | undefined
  // Also while it starts, which takes long when many blocks have to be connected first.
  void end.promise.then(() => {
    stopping.start()
    const exit = (): void => exitNow(log, stopping, 'its parts took too long')
    deadline = setTimeout(exit, STOP_DEADLINE).unref()
  })
  try {
    const node = await startNode(
      config,
      log,
      once((reason) => end.resolve(exitCodeOf(reason, log))),
    )
    announce(node, config, json)
    const exitCode = await end.promise
    await node.stop()
    log.info({ seconds: stopping.seconds }, 'Stopped')
    return exitCode
  } finally {
    clearTimeout(deadline)
    unwatch()
  }
}

/** Hears the first reason only: when the disk is full, each part that writes says so. */
function once(request: (reason?: ChainError) => void): (reason?: ChainError) => void {
  let isRequested = false
  return (reason) => {
    if (!isRequested) request(reason)
    isRequested = true
  }
}

/** The exit code of a node that was told to stop, or cannot go on for a reason, which the log tells then. */
function exitCodeOf(reason: ChainError | undefined, log: Logger): ExitCode {
  if (reason === undefined) {
    log.info({ rpc: 'stop' }, 'Stopping')
    return exitCodes.done
  }
  const { exitCode, message } = describeError(reason)
  log.fatal(message)
  return exitCode
}

/** How long it takes to stop. */
class StopWatch {
  #since: number | undefined

  /** From now on, unless it runs. */
  start(): void {
    this.#since ??= performance.now()
  }

  /** To a tenth. */
  get seconds(): number {
    return this.#since === undefined ? 0 : Math.round((performance.now() - this.#since) / 100) / 10
  }
}

/** Calls `onEnd` when the process is told to end; a second signal ends it at once. */
function watchProcess(log: Logger, stopping: StopWatch, onEnd: (exitCode: ExitCode) => void): () => void {
  const count = countSignals()
  const onSignal = (signal: NodeJS.Signals): void => {
    const turn = count()
    if (turn === 'echo') return
    if (turn === 'second') exitNow(log, stopping, `a second ${signal} came`)
    log.info({ signal }, 'Stopping')
    onEnd(exitCodes.done)
  }
  const onFailure = (error: unknown): void => {
    log.fatal({ err: error }, 'A bug ends the node')
    onEnd(exitCodes.failed)
  }
  for (const signal of endSignals) process.on(signal, onSignal)
  process.on('uncaughtException', onFailure).on('unhandledRejection', onFailure)
  return () => {
    for (const signal of endSignals) process.off(signal, onSignal)
    process.off('uncaughtException', onFailure).off('unhandledRejection', onFailure)
  }
}

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The data directory bears this at any time. */
function exitNow(log: Logger, { seconds }: StopWatch, why: string): never {
  log.error({ seconds }, `Stopped before all was closed: ${why}`)
  process.exit(exitCodes.failed)
}

/** Says where the node listens and how the next one starts. */
function announce(node: ChainNode, config: NodeConfig, json: boolean): void {
  const { peerId, rpcUrl } = node
  const { addresses } = node.status()
  const next = nextCommand(config, nearAddress(addresses))
  const value = { peerId, addresses, rpcUrl, dataDir: config.dataDir, network: config.spec.name, next }
  const lines = [
    `The node ${peerId} runs on network ${config.spec.name} (spec ${config.spec.id}) and listens ${addresses.length === 0 ? 'nowhere' : 'on'}`,
    ...addresses.map((address) => `  ${address}`),
    `RPC ${rpcUrl}, data directory ${config.dataDir}`,
    ...(next === undefined ? [] : ['Start a next node with', `  ${next}`]),
  ]
  printResult(json, value, lines.join('\n'))
}

/** The address that the next node on this machine dials: over loopback and plain TCP if possible. */
function nearAddress(addresses: readonly string[]): string | undefined {
  const plain = addresses.filter((address) => !address.includes('/ws'))
  return plain.find((address) => address.startsWith('/ip4/127.')) ?? plain[0] ?? addresses[0]
}

/** The exact command that starts a next node on this machine, or `undefined` when this one listens nowhere. */
function nextCommand({ network, dataDir }: NodeConfig, address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const options = [
    `--network ${quoteWord(network)}`,
    `--datadir ${quoteWord(`${dataDir}-next`)}`,
    '--listen /ip4/127.0.0.1/tcp/0',
    '--rpc-port 0',
    `--bootnode ${address}`,
  ]
  return `${calledAs('chain-node')} start ${options.join(' ')}`
}
