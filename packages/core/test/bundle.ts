/**
 * Bundles names of `@chain/core` for browsers, and runs the bundle in a bare context: ECMAScript and WebAssembly, but
 * nothing that Node or a browser adds.
 */
import { createContext, runInContext } from 'node:vm'
import { build } from 'rolldown'

/** A bundle as one script, which leaves its exports in the global variable `core`. */
export interface Bundle {
  readonly code: string
  /** Source files that something was taken from, as paths below `node_modules` or `packages/core`. */
  readonly modules: readonly string[]
}

const entry = '\0entry'

/** Bundles what `source` (a module that imports `@chain/core`) needs. */
export async function bundle(source: string): Promise<Bundle> {
  const { output } = await build({
    input: entry,
    platform: 'browser',
    write: false,
    resolve: { conditionNames: ['@chain/source', 'browser', 'import', 'default'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? source : undefined),
      },
    ],
    cwd: import.meta.dirname,
    logLevel: 'silent',
    onLog: (_level, { message }) => {
      throw new Error(message)
    },
    output: { format: 'iife', name: 'core', minify: true },
  })
  const [{ code, modules }] = output
  const used = Object.entries(modules).filter(
    ([id, { renderedLength }]) => id !== entry && renderedLength > 0,
  )
  return { code, modules: used.map(([id]) => id.replace(/^.*(node_modules|packages\/core)\//, '')) }
}

/** Runs a bundle where no global but those of the language exist, then an expression over its exports (`core`). */
export function runBare({ code }: Bundle, expression: string, globals: object = {}): unknown {
  const context = createContext({ ...globals })
  return runInContext(`${code}\n;${expression}`, context)
}

/** A module that runs a chain in memory, with real work and signatures, and reorganises it; `run` resolves to the events. */
export const reorganisation = `
  import { ChainManager, inlineVerifier, loadNetwork, MemoryChainStore } from '@chain/core'
  import { ChainBuilder } from '@chain/core/testing'

  export async function run() {
    const spec = loadNetwork('regtest')
    const store = new MemoryChainStore()
    const chain = await ChainManager.open(spec, { store, verifier: inlineVerifier, clock: () => 2_000_000_000 })
    const builder = ChainBuilder.create(spec)
    builder.mineEmpty(100)
    const fork = builder.fork()
    const payment = builder.spend(builder.spendable(), [{ value: 1_000n, scriptPubKey: builder.key.script }])
    builder.mine({ transactions: [payment] })
    fork.mineEmpty(2, { extraNonce: 1 })
    for (const block of builder.blocks) await chain.acceptBlock(block)
    const events = []
    chain.subscribe((event) => events.push(event.type))
    for (const block of fork.blocks) await chain.acceptBlock(block)
    return events.join()
  }`

/** What the `run` of {@link reorganisation} resolves to. */
export const reorganisationEvents =
  'best-header-changed,block-disconnected,block-connected,block-connected,tip-changed'
