/** `help`: what methods there are. */

import { rpcCodes } from '@chain/cli'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

/** Makes the method that tells about `others` and itself. */
export function createHelp(others: readonly RpcMethod[]): RpcMethod {
  const help: RpcMethod = defineMethod({
    name: 'help',
    summary: 'The methods, or what one of them does.',
    parameters: { command: z.string().max(100).optional() },
    run: ({ command }) => {
      const methods = [...others, help].sort((a, b) => (a.name < b.name ? -1 : 1))
      if (command === undefined) return methods.map(({ usage }) => usage).join('\n')
      const method = methods.find(({ name }) => name === command)
      if (method !== undefined) return `${method.usage}\n\n${method.summary}`
      throw new RpcError(rpcCodes.miscellaneous, 'method-unknown', `help: unknown command: ${command}`)
    },
  })
  return help
}
