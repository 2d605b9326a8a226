import { OperationalError } from '@chain/core/errors'
import { describe, expect, it } from 'vitest'
import { describeError } from '../src/describe-error.ts'
import { exitCodes } from '../src/exit-codes.ts'
import { createProgram, runProgram } from '../src/program.ts'

interface Ending {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program with one command, which throws what it is given. */
async function run(words: readonly string[], thrown?: Error): Promise<Ending> {
  const written = { stdout: '', stderr: '' }
  const outputs = {
    writeOutput: (text: string) => {
      written.stdout += text
    },
    writeError: (text: string) => {
      written.stderr += text
    },
  }
  const program = createProgram('chain-cup', outputs).version('1.2.3').option('--json')
  program
    .command('drink <cups>')
    .option('--json')
    .action(() => {
      if (thrown !== undefined) throw thrown
    })
  const exitCode = await runProgram({
    program,
    words,
    describeError: (error) => describeError(error, { 'cup-empty': [exitCodes.notFound, -5] }),
    outputs,
  })
  return { exitCode, ...written }
}

describe('a program', () => {
  it('ends with 0 when its command is done', async () => {
    expect(await run(['drink', '1'])).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  it('tells an error in one sentence', async () => {
    expect(await run(['drink', '1'], new OperationalError('cup-empty', 'The cup is empty.'))).toEqual({
      exitCode: exitCodes.notFound,
      stdout: '',
      stderr: 'chain-cup: The cup is empty.\n',
    })
  })

  it('tells it as one JSON value as well where results are JSON', async () => {
    const error = new OperationalError('cup-empty', 'The cup is empty.')
    const { stdout, stderr } = await run(['drink', '1', '--json'], error)
    expect(JSON.parse(stdout)).toEqual({
      error: { code: -5, name: 'cup-empty', message: 'The cup is empty.' },
    })
    expect(stderr).toBe('chain-cup: The cup is empty.\n')
  })

  it('shows the stack of a bug, and of nothing else', async () => {
    const { exitCode, stderr } = await run(['drink', '1'], new TypeError('x is not a function'))
    expect(exitCode).toBe(exitCodes.failed)
    expect(stderr).toMatch(/^chain-cup: The program has a bug: x is not a function\.\nTypeError: .*\n +at /)
  })

  it.each([
    [['spill'], "Unknown command 'spill'."],
    [['drnk', '1'], "Unknown command 'drnk' (Did you mean drink?)"],
    [['drink'], "Missing required argument 'cups'."],
    [['drink', '1', '--fast'], "Unknown option '--fast'."],
  ])('says in one sentence what it does not understand in %j', async (words, sentence) => {
    expect(await run(words)).toEqual({
      exitCode: exitCodes.usage,
      stdout: '',
      stderr: `chain-cup: ${sentence}\n`,
    })
  })

  it('shows help and version', async () => {
    expect(await run(['--version'])).toEqual({ exitCode: 0, stdout: '1.2.3\n', stderr: '' })
    expect((await run(['drink', '--help'])).stdout).toContain('Usage: chain-cup drink')
  })

  it('shows people its help, and nothing else, when there is no command', async () => {
    const { exitCode, stdout, stderr } = await run([])
    expect(exitCode).toBe(exitCodes.usage)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^Usage: chain-cup /)
    expect(stderr).not.toContain('Name a command')
  })

  it('shows scripts no help when there is no command', async () => {
    const { exitCode, stdout, stderr } = await run(['--json'])
    expect(exitCode).toBe(exitCodes.usage)
    const message = 'Name a command: chain-cup --help lists them.'
    expect(JSON.parse(stdout)).toEqual({ error: { code: -8, name: 'usage', message } })
    expect(stderr).toBe(`chain-cup: ${message}\n`)
  })
})
