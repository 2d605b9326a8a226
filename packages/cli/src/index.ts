/**
 * What chain's command-line programs share. Every module opens with what it is and what it is not for.
 */
export { calledAs } from './called-as.ts'
export { DEFAULT_NETWORK, loadChainSpec, networkOption } from './chain-spec.ts'
export { type DataDirOptions, type Environment, resolveDataDir } from './data-dir.ts'
export { describeError, type ErrorDescription, type ErrorNumbers, type ErrorRows } from './describe-error.ts'
export { fileUnreadable, usageError } from './errors.ts'
export { type ExitCode, exitCodes } from './exit-codes.ts'
export {
  bearClosedOutput,
  hasColours,
  type Outputs,
  overwriteProgress,
  printProgress,
  printResult,
  processOutputs,
} from './output.ts'
export { packageVersion } from './package-version.ts'
export {
  createPrivateFile,
  readFileIfThere,
  replacePrivateFile,
} from './private-file.ts'
export { createProgram, type ProgramRun, runProgram } from './program.ts'
export { type RpcCode, rpcCodes } from './rpc-codes.ts'
export { quoteWord } from './shell-word.ts'
