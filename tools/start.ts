/**
 * `npm start`: a network of three nodes on this machine that meets, mines, moves coins and agrees, for everybody to see.
 *
 *     npm start                    shows the scenario and keeps the network up until Ctrl-C
 *     npm start -- --once          ends after the scenario: 0 when it succeeded, 1 when it did not
 *     npm start --silent -- --once --json    prints a summary as one JSON value on stdout
 */
import { parseArgs } from 'node:util'
import { DemoNetwork } from './demo/demo-network.ts'
import { Narrator } from './demo/narrator.ts'
import { playScenario } from './demo/scenario.ts'

const usage = 'Usage: npm start [-- [--once] [--json]]'

/** @returns the exit code */
async function main(): Promise<number> {
  const options = readOptions()
  if (options === undefined) return 2
  const narrator = new Narrator()
  const network = await DemoNetwork.create()
  const interrupted = interruption()
  let failure: unknown
  try {
    const summary = await Promise.race([playScenario(network, narrator), interrupted])
    if (summary === undefined) return 130
    if (options.json) process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`)
    if (options.once) return 0
    narrator.invite(summary)
    const watched = network.watch(summary.wallets.alice, (line) => narrator.event(line))
    await Promise.race([watched, interrupted])
    return 0
  } catch (error) {
    failure = error
    narrator.fail(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    await network.stop()
    if (failure === undefined) narrator.end()
  }
}

function readOptions(): { once: boolean; json: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    })
    return values
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`)
    return undefined
  }
}

/** Resolves at the first Ctrl-C or SIGTERM; npm sends what the terminal has sent already a second time. */
function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(undefined))
  })
}

process.exitCode = await main()
