/** Opens the data file it is given, reads every row of every table, writes one, and says how many it read. */
import { ChainError } from '@chain/core/errors'
import { Environment } from '../../src/environment.ts'
import { tableNames } from '../../src/layout.ts'

try {
  const environment = new Environment(process.argv[2] as string)
  let count = 0
  for (const table of tableNames) {
    for (const { key } of environment.rows(table)) {
      environment.get(table, key)
      count++
    }
  }
  await environment.write([{ table: 'meta', key: Uint8Array.of(1), value: Uint8Array.of(1) }])
  await environment.close()
  console.log(`read ${count}`)
} catch (error) {
  if (!(error instanceof ChainError)) throw error
  console.log(error.code)
}
