#!/usr/bin/env -S node --conditions=@chain/source
/**
 * The program `chain-node`.
 */
import { keepHeapSmall } from './heap.ts'
import { quietStore } from './quiet-store.ts'
import { enableStartCache } from './start-cache.ts'

/** Milliseconds that a library's left-over timers may hold up the end. */
const LINGER = 250

keepHeapSmall()
enableStartCache(process.env)
// Not before: the cache keeps what is loaded after it was enabled.
const [{ bearClosedOutput }, { runProgram }] = await Promise.all([
  import('@chain/cli'),
  import('./cli/program.ts'),
])
bearClosedOutput()
quietStore()
process.exitCode = await runProgram(process.argv.slice(2))
setTimeout(() => process.exit(), LINGER).unref()
