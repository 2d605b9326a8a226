import { PassThrough } from 'node:stream'
import { exitCodes } from '@chain/cli'
import { expect, it } from 'vitest'
import { createTerminalPerson } from '../../src/cli/terminal-person.ts'
import { describeError } from '../../src/describe-error.ts'

/** A terminal at which `keys` are pressed once something was asked. */
function terminal(keys: string): { input: PassThrough; output: PassThrough } {
  const [input, output] = [new PassThrough(), new PassThrough()]
  output.once('data', () => setImmediate(() => input.write(keys)))
  output.resume()
  return { input, output }
}

it('a person answers', async () => {
  expect(await createTerminalPerson(terminal('secret\n')).askSecret('Passphrase:')).toBe('secret')
  expect(await createTerminalPerson(terminal('y\n')).askConsent('Pay?')).toBe(true)
  expect(await createTerminalPerson(terminal('\n')).askConsent('Pay?')).toBe(false)
})

it('a person who leaves with Ctrl-C ends the program as shells expect', async () => {
  const answer = createTerminalPerson(terminal('\u0003')).askSecret('Passphrase:')
  const error: unknown = await answer.catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'interrupted', message: 'Nothing was done.' })
  expect(describeError(error).exitCode).toBe(exitCodes.interrupted)
  expect(exitCodes.interrupted).toBe(130)
})
