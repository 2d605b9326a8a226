#!/usr/bin/env -S node --conditions=@chain/source
/** The program `chain-wallet`. */
import { run } from './cli/run.ts'
import { processSurroundings } from './cli/surroundings.ts'

process.exitCode = await run(process.argv.slice(2), processSurroundings())
