/**
 * The RPC client of the command line: finds the node that runs on a data directory and asks it.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { rpcCodes } from '@chain/cli'
import { ChainError, reasonOf } from '@chain/core/errors'
import { nodeNotRunning, nodeRefusedCookie, nodeSilent } from '../errors.ts'
import { isProcessAlive } from '../process-alive.ts'
import { authorization, readCookie } from './cookie.ts'
import { readNodeFile } from './node-file.ts'
import { RpcError } from './rpc-error.ts'

/** Longest answer in bytes that is read: the most verbose block. */
const MAX_ANSWER_LENGTH = 268_435_456

/** Asks one running node. */
export class RpcClient {
  readonly #directory: string
  readonly #url: string
  readonly #cookie: string
  /** Process id of the node. */
  readonly pid: number

  /** @throws {OperationalError} `node-not-running` when nothing in the data directory speaks of a node */
  constructor(directory: string) {
    const facts = readNodeFile(directory)
    const cookie = readCookie(directory)
    // A node that was killed leaves its files behind, and its port to others.
    if (facts === undefined || cookie === undefined || !isProcessAlive(facts.pid))
      throw nodeNotRunning(directory)
    this.#directory = directory
    this.#url = facts.rpcUrl
    this.#cookie = cookie
    this.pid = facts.pid
  }

  /**
   * Calls a method; waits as long as it takes, unless `signal` aborts.
   *
   * @throws {OperationalError} `node-not-running`, `node-silent`, `node-refused-cookie`
   * @throws {RpcError} what the node answered
   */
  async call(method: string, parameters: readonly unknown[] = [], signal?: AbortSignal): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: parameters })
    const { status, text } = await this.#post(body, signal)
    if (status === 401) throw nodeRefusedCookie(this.#url)
    const answer = parseAnswer(text)
    if (answer === undefined)
      throw nodeSilent(this.#url, `its answer is not JSON-RPC (HTTP status ${status})`)
    if (answer.error !== undefined) throw remoteError(answer.error)
    return answer.result
  }

  #post(body: string, signal: AbortSignal | undefined): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: authorization(this.#cookie), 'content-type': 'application/json' }
      const request = httpRequest(this.#url, {
        method: 'POST',
        headers,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
      })
      request.on('error', (cause) => reject(this.#connectionError(cause)))
      request.on('response', (response) => {
        readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject)
      })
      request.end(body)
    })
  }

  #connectionError(cause: Error): Error {
    const refused = 'code' in cause && cause.code === 'ECONNREFUSED'
    return refused ? nodeNotRunning(this.#directory) : nodeSilent(this.#url, reasonOf(cause), cause)
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_ANSWER_LENGTH) throw nodeSilent('', 'its answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

interface Answer {
  readonly result: unknown
  readonly error: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown } | undefined
}

function parseAnswer(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && ('result' in value || 'error' in value)
      ? (value as Answer)
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function remoteError({ code, message, data }: NonNullable<Answer['error']>): RpcError {
  const name = typeof data === 'object' && data !== null && 'name' in data ? data.name : undefined
  return new RpcError(
    typeof code === 'number' ? code : rpcCodes.miscellaneous,
    typeof name === 'string' ? name : 'node-error',
    typeof message === 'string' ? message : 'The node reported an error without a sentence.',
  )
}

/**
 * The node that runs on a data directory, or `undefined` when none does.
 *
 * @throws {OperationalError} `node-silent`, `node-refused-cookie`
 */
export async function findNode(directory: string): Promise<RpcClient | undefined> {
  try {
    const client = new RpcClient(directory)
    await client.call('uptime')
    return client
  } catch (error) {
    if (error instanceof ChainError && error.code === 'node-not-running') return undefined
    throw error
  }
}
