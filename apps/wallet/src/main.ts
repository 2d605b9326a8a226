#!/usr/bin/env -S node --conditions=@chain/source
/** The program `chain-wallet`. */
import { bearClosedOutput } from '@chain/cli'
import { run } from './cli/run.ts'
import { processSurroundings } from './cli/surroundings.ts'

bearClosedOutput()
process.exitCode = await run(process.argv.slice(2), processSurroundings())
