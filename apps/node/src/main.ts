#!/usr/bin/env -S node --conditions=@chain/source
/**
 * The program `chain-node`.
 */
import { runProgram } from './cli/program.ts'

/** Milliseconds that a library's left-over timers may hold up the end. */
const LINGER = 250

// A reader that goes away (`chain-node status | head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runProgram(process.argv.slice(2))
setTimeout(() => process.exit(), LINGER).unref()
