/**
 * The file `node.json` in the data directory says which process runs there and where its RPC listens, so that commands
 * find it. A node that was killed leaves it behind; whoever reads it must be ready to find nobody.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readFileIfThere, replacePrivateFile } from '@chain/cli'
import { z } from 'zod'

/** File inside the data directory. */
export const NODE_FILE = 'node.json'

const nodeFacts = z.object({
  /** Process id of the node. */
  pid: z.int().positive(),
  /** Where its RPC listens. */
  rpcUrl: z.url({ protocol: /^http$/ }).max(200),
})

/** What the file says. */
export interface NodeFacts {
  readonly pid: number
  readonly rpcUrl: string
}

/** Tells commands where this process can be reached. */
export function writeNodeFile(directory: string, facts: NodeFacts): void {
  replacePrivateFile(join(directory, NODE_FILE), `${JSON.stringify(facts)}\n`)
}

/** What the file says, or `undefined` when it is not there or damaged. */
export function readNodeFile(directory: string): NodeFacts | undefined {
  const content = readFileIfThere(join(directory, NODE_FILE))
  if (content === undefined) return undefined
  try {
    return nodeFacts.parse(JSON.parse(content))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined
    throw error
  }
}

/** Removes the file when it still speaks of this process. */
export function removeNodeFile(directory: string): void {
  if (readNodeFile(directory)?.pid === process.pid) rmSync(join(directory, NODE_FILE), { force: true })
}
