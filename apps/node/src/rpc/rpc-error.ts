/**
 * An error that carries its own JSON-RPC number: a method chose it, or a node answered it to us.
 */
import { ChainError } from '@chain/core/errors'

/** Answered as `{code, message, data: {name}}`. */
export class RpcError extends ChainError {
  /** Number of the error in JSON-RPC: one of `rpcCodes`, unless another program chose it. */
  readonly rpcCode: number

  /**
   * @param name - kebab-case code
   * @param message - one sentence
   */
  constructor(rpcCode: number, name: string, message: string, options?: ErrorOptions) {
    super(name, message, {}, options)
    this.rpcCode = rpcCode
  }
}
