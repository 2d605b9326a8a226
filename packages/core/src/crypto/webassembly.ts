/**
 * The little that is used of the WebAssembly API, which is there in browsers and in Node but not in the language's types.
 */
import { base64 } from '@scure/base'

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}

/** What every module of ours exports. */
export interface WasmMemory {
  readonly memory: { readonly buffer: ArrayBuffer }
}

/**
 * The exports of a module, or `undefined` where it cannot run: there is no WebAssembly, it has no vectors, or the page's
 * security policy forbids it.
 *
 * Synchronous: browsers allow that for small modules.
 *
 * @param module - in base64
 */
export function instantiateWasm<Exports extends WasmMemory>(module: string): Exports | undefined {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssemblyApi }
  if (WebAssembly === undefined) return undefined
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(base64.decode(module))).exports as Exports
  } catch {
    // Every reason means the same: the caller has another way to the same result.
    return undefined
  }
}
