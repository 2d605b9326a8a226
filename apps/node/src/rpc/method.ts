/**
 * What an RPC method is: a name, named parameters with their checks, and what it does.
 *
 * Parameters are given by position or by name. A `null` counts as left out, as in Bitcoin Core.
 */

import { rpcCodes } from '@chain/cli'
import type { z } from 'zod'
import type { RpcContext } from './context.ts'
import { parameterFault } from './parameter-fault.ts'
import { RpcError } from './rpc-error.ts'

/** Parameters by name, in the order of their positions. */
type ParameterSchemas = Readonly<Record<string, z.ZodType>>

type ParameterValues<Schemas extends ParameterSchemas> = {
  readonly [Name in keyof Schemas]: z.output<Schemas[Name]>
}

/** A method as the registry holds it. */
export interface RpcMethod {
  readonly name: string
  /** One sentence for `help`. */
  readonly summary: string
  /** Such as `getblock blockhash [verbosity]`. */
  readonly usage: string
  /**
   * Runs the method.
   *
   * @param parameters - an array by position, an object by name, or `undefined` for none
   * @param signal - aborted when the client is gone or the node stops
   * @throws {RpcError} `rpc-parameters-wrong` and what the method throws
   */
  readonly call: (context: RpcContext, parameters: unknown, signal: AbortSignal) => unknown
}

/** What a method is made from. */
interface MethodDefinition<Schemas extends ParameterSchemas> {
  readonly name: string
  readonly summary: string
  readonly parameters: Schemas
  readonly run: (values: ParameterValues<Schemas>, context: RpcContext, signal: AbortSignal) => unknown
}

/** Makes a method whose parameters are checked before it runs. */
export function defineMethod<Schemas extends ParameterSchemas>(
  definition: MethodDefinition<Schemas>,
): RpcMethod {
  const { name, summary, parameters: schemas, run } = definition
  const usage = [name, ...Object.entries(schemas).map(usageOf)].join(' ')
  const call: RpcMethod['call'] = (context, parameters, signal) => {
    const given = arrange(Object.keys(schemas), parameters, usage)
    const entries = Object.entries(schemas).map(([key, schema]) => [
      key,
      check(key, schema, given.get(key), usage),
    ])
    return run(Object.fromEntries(entries) as ParameterValues<Schemas>, context, signal)
  }
  return { name, summary, usage, call }
}

function usageOf([name, schema]: [string, z.ZodType]): string {
  return schema.safeParse(undefined).success ? `[${name}]` : name
}

/** Sorts what was given by the names of the parameters. */
function arrange(names: readonly string[], given: unknown, usage: string): Map<string, unknown> {
  if (given === undefined || given === null) return new Map()
  if (Array.isArray(given)) {
    if (given.length > names.length) throw wrong(`${given.length} parameters are too many: ${usage}.`)
    return new Map(given.map((value: unknown, index) => [names[index] as string, value]))
  }
  if (typeof given !== 'object') {
    throw new RpcError(rpcCodes.invalidRequest, 'rpc-request-invalid', 'Params must be an array or object.')
  }
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new RpcError(
      rpcCodes.invalidParameter,
      'rpc-parameter-unknown',
      `Unknown named parameter ${unknown}.`,
    )
  }
  return new Map(Object.entries(given))
}

function check(name: string, schema: z.ZodType, given: unknown, usage: string): unknown {
  const value = given === null ? undefined : given
  const result = schema.safeParse(value)
  if (result.success) return result.data
  if (value === undefined) throw wrong(`The parameter ${name} is missing: ${usage}.`)
  throw parameterFault(name, value, result.error.issues)
}

function wrong(message: string): RpcError {
  return new RpcError(rpcCodes.miscellaneous, 'rpc-parameters-wrong', message)
}
