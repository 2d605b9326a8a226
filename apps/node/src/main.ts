#!/usr/bin/env -S node --conditions=@chain/source
/**
 * The program `chain-node`.
 */
import { bearClosedOutput } from '@chain/cli'
import { runProgram } from './cli/program.ts'

/** Milliseconds that a library's left-over timers may hold up the end. */
const LINGER = 250

bearClosedOutput()
process.exitCode = await runProgram(process.argv.slice(2))
setTimeout(() => process.exit(), LINGER).unref()
