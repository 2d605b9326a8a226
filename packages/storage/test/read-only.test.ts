import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../src/open-store.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** The one user whom no mode stops becomes another one for these tests. */
const asNobody =
  process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []

function run(args: readonly string[]): { code: number | undefined; output: string } {
  const [command = '', ...rest] = [...asNobody, process.execPath, '--conditions=@chain/source', ...args]
  const { status, stdout } = spawnSync(command, rest, { encoding: 'utf8' })
  return { code: status ?? undefined, output: stdout }
}

const program = join(import.meta.dirname, 'processes/open-directory.ts')
const canRun = process.platform !== 'win32' && run([program, '/proc/nowhere']).code === 0
const hint = canRun ? '' : ' (needs a user without special rights, or setpriv, and sources that he can read)'

test.skipIf(!canRun).each<[string, number, number, readonly string[]]>([
  ['is empty and cannot be written', 0o555, 0o444, []],
  ['can be read only, with its files', 0o555, 0o444, ['lock', 'chain.mdb', 'chain.mdb-lock']],
  ['has a lock that can be written, and nothing else', 0o555, 0o444, ['chain.mdb', 'chain.mdb-lock']],
  ['has a data file that can be read only', 0o777, 0o444, ['chain.mdb', 'chain.mdb-lock']],
  ['has files that cannot even be read', 0o777, 0o000, ['lock', 'chain.mdb', 'chain.mdb-lock']],
])(
  `a data directory that %s is an error that says so, and names the right that is missing${hint}`,
  async (title, directoryMode, fileMode, protectedFiles) => {
    const directory = temporaryDirectory()
    if (!title.startsWith('is empty')) await (await openStore({ directory, specId: '0a1b2c3d' })).close()
    for (const name of readdirSync(directory))
      chmodSync(join(directory, name), protectedFiles.includes(name) ? fileMode : 0o666)
    chmodSync(directory, directoryMode)
    const { output } = run([program, directory])
    chmodSync(directory, 0o755)
    expect(output).toMatch(
      /^store-read-only The file \S+ cannot be written: give this user the right to write to it/,
    )
    expect(output).toContain(directory)
  },
)
